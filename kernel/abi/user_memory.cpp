// Copies between the kernel and the current program.
#include "kernel/abi/user_memory.h"

#include "kernel/fs/vfs/inode.h"
#include "kernel/machine/user_memory.h"
#include "kernel/process/user_pages.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

namespace quire::abi {

namespace {

Process& current_process() {
    return this_torus()->userland->processes.current();
}

// The rare half of each copy: it came short, by `missing` bytes. `copy(done)` makes it again from there on, and returns
// what is missing then.
template <class Copy> Result<void> go_on(std::size_t bytes, std::size_t missing, Copy&& copy) {
    while (missing != 0) {
        if (!wait_after_short_copy(current_process())) {
            return fail(Error::bad_address);
        }
        missing = copy(static_cast<std::uint32_t>(bytes - missing));
    }
    return {};
}

// The answer of access(), an optional, once the page is there.
template <class Access> auto reach(Access&& access) -> Result<typename decltype(access())::value_type> {
    if (const auto answer = retry_short_access(current_process(), access); answer) {
        return *answer;
    }
    return fail(Error::bad_address);
}

} // namespace

Result<void> read_memory(VirtAddr from, std::span<std::byte> to) {
    const std::size_t missing = machine::copy_from_user(to.data(), from, to.size());
    return missing == 0 ? Result<void>() : go_on(to.size(), missing, [&](std::uint32_t done) {
        return machine::copy_from_user(to.data() + done, from + done, to.size() - done);
    });
}

Result<void> write_memory(VirtAddr to, std::span<const std::byte> from) {
    const std::size_t missing = machine::copy_to_user(to, from.data(), from.size());
    return missing == 0 ? Result<void>() : go_on(from.size(), missing, [&](std::uint32_t done) {
        return machine::copy_to_user(to + done, from.data() + done, from.size() - done);
    });
}

Result<void> clear_memory(VirtAddr start, std::uint32_t bytes) {
    const std::size_t missing = machine::zero_user(start, bytes);
    return missing == 0 ? Result<void>() : go_on(bytes, missing, [&](std::uint32_t done) {
        return machine::zero_user(start + done, bytes - done);
    });
}

Result<void> write_memory_now(VirtAddr to, std::span<const std::byte> from) {
    return machine::copy_to_user(to, from.data(), from.size()) == 0 ? Result<void>() : fail(short_copy_error());
}

Result<std::uint32_t> load_word(VirtAddr from) {
    return reach([&] { return machine::load_user_word(from); });
}

Result<std::uint32_t> compare_exchange_word(VirtAddr at, std::uint32_t expected, std::uint32_t desired) {
    return reach([&] { return machine::compare_exchange_user_word(at, expected, desired); });
}

Result<std::size_t> text_length(VirtAddr text, std::size_t most) {
    return reach([&] { return machine::user_string_length(text, most); });
}

// The length and the bytes are of one moment: nobody changes the text in between.
Result<std::string_view> read_text(UserText from, std::span<char> to) {
    while (true) {
        const auto length = text_length(from.address, to.size());
        if (!length) {
            return fail(length.error());
        }
        if (*length == to.size()) {
            return fail(Error::name_too_long);
        }
        if (machine::copy_from_user(to.data(), from.address, *length) == 0) {
            return std::string_view(to.data(), *length);
        }
        if (!wait_after_short_copy(current_process())) {
            return fail(Error::bad_address);
        }
    }
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
