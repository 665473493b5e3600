// The current program's memory as system calls read and write it: structures, text, arrays. Any address may be wrong:
// what is not there, or not the program's to use, is bad_address, and nothing else happens. Where a page of it is on
// its way, all but what ends in _now wait for it: others run meanwhile, so the caller holds nothing that they may
// change. Error of the wait: bad_address, to a process that is killed and will not see it.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/heap_block.h"
#include "kernel/lib/result.h"
#include "kernel/machine/address.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace quire::abi {

// Copies all of it, or says bad_address; then a part may have been copied. O(bytes), and the faults on the way.
Result<void> read_memory(VirtAddr from, std::span<std::byte> to);
Result<void> write_memory(VirtAddr to, std::span<const std::byte> from);
// Zeros.
Result<void> clear_memory(VirtAddr start, std::uint32_t bytes);
// write_memory() for a caller in the middle of something. Error: also must_wait.
Result<void> write_memory_now(VirtAddr to, std::span<const std::byte> from);

// A word, aligned or not, in one access: nothing else runs between that and the return.
[[nodiscard]] Result<std::uint32_t> load_word(VirtAddr from);
// The word at `at` becomes `desired` if it is `expected`. Returns what it was.
[[nodiscard]] Result<std::uint32_t> compare_exchange_word(VirtAddr at, std::uint32_t expected, std::uint32_t desired);
// Bytes before the text's NUL; `most` where there is none among the first `most`.
[[nodiscard]] Result<std::size_t> text_length(VirtAddr text, std::size_t most);

template <class T> [[nodiscard]] Result<T> read_value(VirtAddr from) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    if (const auto done = read_memory(from, std::as_writable_bytes(std::span(&value, 1))); !done) {
        return fail(done.error());
    }
    return value;
}
template <class T> Result<void> write_value(VirtAddr to, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    return write_memory(to, std::as_bytes(std::span(&value, 1)));
}
template <class T> [[nodiscard]] Result<T> read_value(UserPointer<T> from) {
    return read_value<T>(from.address);
}
template <class T> Result<void> write_value(UserPointer<T> to, const std::type_identity_t<T>& value) {
    return write_value(to.address, value);
}

// The text up to its NUL, copied to `to`. Errors: bad_address; name_too_long where no NUL is among the first to.size()
// bytes.
[[nodiscard]] Result<std::string_view> read_text(UserText from, std::span<char> to);

// A path, or other text, that a program passed. Short ones stay on the stack.
class UserPath {
public:
    UserPath() = default;
    UserPath(const UserPath&) = delete;
    UserPath& operator=(const UserPath&) = delete;

    // Errors: bad_address; name_too_long (PATH_MAX with the NUL); out_of_memory.
    Result<void> read(UserText from);
    [[nodiscard]] std::string_view view() const { return text_; }

private:
    std::array<char, 128> short_text_{};
    HeapBlock<char> long_text_;
    std::string_view text_;
};

} // namespace quire::abi
