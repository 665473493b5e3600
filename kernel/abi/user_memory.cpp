// Copies between the kernel and the current program.
#include "kernel/abi/user_memory.h"

#include "kernel/fs/vfs/inode.h"
#include "kernel/machine/user_memory.h"

namespace quire::abi {

Result<void> read_memory(VirtAddr from, std::span<std::byte> to) {
    return machine::copy_from_user(to.data(), from, to.size()) == 0 ? Result<void>() : fail(Error::bad_address);
}

Result<void> write_memory(VirtAddr to, std::span<const std::byte> from) {
    return machine::copy_to_user(to, from.data(), from.size()) == 0 ? Result<void>() : fail(Error::bad_address);
}

Result<void> clear_memory(VirtAddr start, std::uint32_t bytes) {
    return machine::zero_user(start, bytes) == 0 ? Result<void>() : fail(Error::bad_address);
}

Result<std::string_view> read_text(UserText from, std::span<char> to) {
    const auto length = machine::user_string_length(from.address, to.size());
    if (!length) {
        return fail(Error::bad_address);
    }
    if (*length == to.size()) {
        return fail(Error::name_too_long);
    }
    if (const auto read = read_memory(from.address, std::as_writable_bytes(to.first(*length))); !read) {
        return fail(read.error());
    }
    return std::string_view(to.data(), *length);
}

Result<void> UserPath::read(UserText from) {
    auto text = read_text(from, short_text_);
    if (!text && text.error() == Error::name_too_long) {
        long_text_ = HeapBlock<char>(longest_path);
        if (!long_text_) {
            return fail(Error::out_of_memory);
        }
        text = read_text(from, long_text_.all());
    }
    if (!text) {
        return fail(text.error());
    }
    text_ = *text;
    return {};
}

} // namespace quire::abi
