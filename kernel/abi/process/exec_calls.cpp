// execve: the program's path, arguments and environment are copied out of the old program before it goes. See
// process_calls.h. Checks and limits: Linux 6.1 fs/exec.c; man 2 execve, "Limits on size of arguments and environment".
#include "kernel/abi/files/path_argument.h"
#include "kernel/abi/heap_block.h"
#include "kernel/abi/process/process_calls.h"
#include "kernel/abi/uapi.h"
#include "kernel/machine/user_memory.h"
#include "kernel/process/exec/exec.h"
#include "kernel/process/system_call_answer.h"

#include <algorithm>
#include <utility>

namespace quire::abi {

namespace {

constexpr std::uint32_t longest_text = 32 * page_size; // MAX_ARG_STRLEN, with its NUL
constexpr std::uint32_t least_room = 32 * page_size;   // ARG_MAX: whatever the stack's limit is
constexpr std::uint32_t most_room = 6U << 20;          // three quarters of Linux's default stack

// How many bytes arguments, environment and the pointers to them may take.
[[nodiscard]] std::uint32_t room_of(const Process& process) {
    const std::uint64_t quarter = process.soft_limit(limit::stack) / 4;
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(quarter, least_room, most_room));
}

// An array of pointers to texts that a null pointer ends, and the texts it points to.
class TextList {
public:
    // Measures the list: takes its size off `room`. A null array is an empty one. Errors: bad_address,
    // too_many_arguments.
    Result<void> measure(VirtAddr pointers, std::uint32_t& room) {
        pointers_ = pointers;
        while (pointers != VirtAddr()) {
            const auto text = text_at(count_);
            if (!text) {
                return fail(text.error());
            }
            if (*text == VirtAddr()) {
                return {};
            }
            const auto length = text_length(*text, longest_text);
            if (!length) {
                return fail(length.error());
            }
            const std::size_t taken = *length + 1 + sizeof(std::uint32_t);
            if (*length == longest_text || taken > room) {
                return fail(Error::too_many_arguments);
            }
            room -= static_cast<std::uint32_t>(taken);
            size_ += static_cast<std::uint32_t>(*length) + 1;
            ++count_;
        }
        return {};
    }
    // Copies the texts, one behind the other, to the front of `to`, and takes them off it. What changed since they were
    // measured is bad_address.
    Result<void> copy(std::span<char>& to) const {
        std::span<char> left = to.first(size_);
        for (std::uint32_t at = 0; at < count_; ++at) {
            const auto place = text_at(at);
            if (!place) {
                return fail(place.error());
            }
            const auto text = read_text(UserText{*place}, left);
            if (!text) {
                return fail(Error::bad_address);
            }
            left[text->size()] = '\0';
            left = left.subspan(text->size() + 1);
        }
        to = to.subspan(size_);
        return left.empty() ? Result<void>() : fail(Error::bad_address);
    }
    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] std::uint32_t size() const { return size_; }

private:
    [[nodiscard]] Result<VirtAddr> text_at(std::uint32_t at) const {
        const auto word = read_value<std::uint32_t>(pointers_ + at * static_cast<std::uint32_t>(sizeof(std::uint32_t)));
        return word ? Result<VirtAddr>(VirtAddr(*word)) : fail(word.error());
    }

    VirtAddr pointers_;
    std::uint32_t count_ = 0;
    std::uint32_t size_ = 0; // bytes, with the NULs
};

Result<void> execute_path(Process& process, std::string_view path, VirtAddr arguments, VirtAddr environment) {
    std::uint32_t room = room_of(process);
    TextList argument_list;
    if (const auto measured = argument_list.measure(arguments, room); !measured) {
        return measured;
    }
    TextList environment_list;
    if (const auto measured = environment_list.measure(environment, room); !measured) {
        return measured;
    }
    // A program always has a name for itself, if only an empty one.
    const bool nameless = argument_list.count() == 0;
    const std::uint32_t argument_size = argument_list.size() + (nameless ? 1 : 0);
    const HeapBlock<char> block(std::size_t{argument_size} + environment_list.size());
    if (!block) {
        return fail(Error::out_of_memory);
    }
    std::span<char> left = block.all();
    if (nameless) {
        left.front() = '\0';
        left = left.subspan(1);
    }
    for (const TextList* const list : {&argument_list, &environment_list}) {
        if (const auto copied = list->copy(left); !copied) {
            return copied;
        }
    }
    return exec_program(process, path,
                        {.arguments = block.all().first(argument_size),
                         .argument_count = argument_list.count() + (nameless ? 1 : 0),
                         .environment = block.all().subspan(argument_size),
                         .environment_count = environment_list.count()});
}

// The new program's registers are its own: nothing of the call is left to be repeated.
Result<void> finished(machine::TrapFrame& registers, Result<void> outcome) {
    if (outcome) {
        system_call_number(registers) = no_system_call;
    }
    return outcome;
}

} // namespace

Result<void> execute(Process& process, machine::TrapFrame& registers, UserText path, VirtAddr arguments,
                     VirtAddr environment) {
    UserPath text;
    if (const auto read = text.read(path); !read) {
        return read;
    }
    // A program that is not there is told before arguments that are not.
    if (const auto file = names_of(process).find(*process.context->working_directory, text.view()); !file) {
        return fail(file.error());
    }
    return finished(registers, execute_path(process, text.view(), arguments, environment));
}

// Relative to a directory's descriptor, or, with an empty path, the descriptor's file: by the path that leads there.
Result<void> execute_at(Process& process, machine::TrapFrame& registers, Descriptor directory, UserText path,
                        VirtAddr arguments, VirtAddr environment, Bits flags) {
    const std::uint32_t given = std::to_underlying(flags);
    if ((given & ~std::uint32_t{AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH}) != 0) {
        return fail(Error::invalid_argument);
    }
    const auto file = find_file_by_flags(process, directory, path, given);
    if (!file) {
        return fail(file.error());
    }
    if ((*file)->is_link()) {
        return fail(Error::too_many_links);
    }
    const HeapBlock<char> block(longest_path);
    if (!block) {
        return fail(Error::out_of_memory);
    }
    const auto absolute = names_of(process).path_of(**file, block.all());
    if (!absolute) {
        return fail(absolute.error());
    }
    return finished(registers, execute_path(process, *absolute, arguments, environment));
}

} // namespace quire::abi
