// How the kernel touches the memory of the program that is loaded. Every function may be handed any address: what lies
// outside of user space is refused, and a fault inside is first given to on_page_fault(), as if the program had made
// it. What that does not resolve ends the copy; it never traps. SMAP is lifted just for the access.
//
// None of these ever waits. A page that is on its way ends the copy as well, and CpuLocal::copy_stalled says so: then
// the caller lets go of whatever it holds, waits (kernel/process/user_pages.h), and starts again.
#pragma once

#include "kernel/machine/address.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace quire::machine {

// Told of each access below before it is made. It may take pages away.
class CopyWatcher {
public:
    virtual void before_copy(VirtAddr start, std::size_t bytes) = 0;

protected:
    ~CopyWatcher() = default;
};
// From now on this one is told; null: nobody is.
void watch_copies(CopyWatcher* watcher);

// Copy `bytes` bytes; return how many were NOT copied, 0 when all went well. Those that were are the first ones, up to
// the very byte that could not be reached. O(bytes).
[[nodiscard]] std::size_t copy_from_user(void* to, VirtAddr from, std::size_t bytes);
[[nodiscard]] std::size_t copy_to_user(VirtAddr to, const void* from, std::size_t bytes);
// The same, zeros.
[[nodiscard]] std::size_t zero_user(VirtAddr to, std::size_t bytes);

// Bytes before the first NUL from `text` on, or `most` if there is none among the first `most`. Nothing where a byte
// before that could not be read. O(length).
[[nodiscard]] std::optional<std::size_t> user_string_length(VirtAddr text, std::size_t most);

// One word, aligned or not, in one access.
[[nodiscard]] std::optional<std::uint32_t> load_user_word(VirtAddr from);
[[nodiscard]] bool store_user_word(VirtAddr to, std::uint32_t word);
// The word at `at` becomes `desired` if it is `expected`, in one locked access. Returns what it was.
[[nodiscard]] std::optional<std::uint32_t> compare_exchange_user_word(VirtAddr at, std::uint32_t expected,
                                                                      std::uint32_t desired);

} // namespace quire::machine
