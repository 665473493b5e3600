// The current program's memory as system calls read and write it: structures, text, arrays. Any address may be wrong:
// what is not there, or not the program's to use, is bad_address, and nothing else happens.
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
