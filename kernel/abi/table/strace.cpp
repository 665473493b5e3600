// Lines of strace. See strace.h.
#include "kernel/abi/table/strace.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/table/call_table.h"
#include "kernel/abi/table/flag_names.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/machine/devices.h"
#include "kernel/process/signals.h"

namespace quire::abi {

namespace {

// As a C string, its end cut off where it is long.
void print_text(Sink& sink, VirtAddr at) {
    constexpr std::size_t longest_shown = 48;
    std::array<char, longest_shown + 1> buffer{};
    const auto text = read_text(UserText{at}, buffer);
    const bool longer = !text && text.error() == Error::name_too_long;
    if (!text && (!longer || !read_memory(at, std::as_writable_bytes(std::span(buffer))))) {
        print(sink, "{:#x}", at.value());
        return;
    }
    print(sink, "\"");
    for (const char each : text ? *text : std::string_view(buffer.data(), longest_shown)) {
        if (each == '\n') {
            print(sink, "\\n");
        } else if (each == '"' || each == '\\') {
            print(sink, "\\{}", each);
        } else if (each >= ' ' && each <= '~') {
            print(sink, "{}", each);
        } else {
            print(sink, "\\x{:02x}", static_cast<std::uint32_t>(static_cast<unsigned char>(each)));
        }
    }
    print(sink, "\"{}", longer ? "…" : "");
}

void print_octal(Sink& sink, std::uint32_t number) {
    constexpr unsigned digits = 11, bits = 3;
    std::array<char, digits> text{};
    std::size_t at = digits;
    do {
        text[--at] = static_cast<char>('0' + (number & 7));
        number >>= bits;
    } while (number != 0 && at != 0);
    print(sink, "0{}", std::string_view(text.data() + at, digits - at));
}

void print_argument(Sink& sink, ArgumentKind kind, std::uint32_t word) {
    if (print_flags(sink, kind, word)) {
        return;
    }
    switch (kind) {
    case ArgumentKind::signed_number: print(sink, "{}", static_cast<std::int32_t>(word)); break;
    case ArgumentKind::descriptor:
        if (static_cast<std::int32_t>(word) == AT_FDCWD) {
            print(sink, "AT_FDCWD");
        } else {
            print(sink, "{}", static_cast<std::int32_t>(word));
        }
        break;
    case ArgumentKind::number: print(sink, "{}", word); break;
    case ArgumentKind::mode: print_octal(sink, word); break;
    case ArgumentKind::signal:
        if (word >= 1 && word <= signal_count) {
            print(sink, "{}", signal_name(word));
        } else {
            print(sink, "{}", word);
        }
        break;
    case ArgumentKind::text: print_text(sink, VirtAddr(word)); break;
    default:
        if (word == 0) {
            print(sink, "0");
        } else {
            print(sink, "{:#x}", word);
        }
        break;
    }
}

} // namespace

void print_call(Sink& sink, const machine::TrapFrame& registers, std::uint32_t number) {
    const CallDescription description = describe_call(number);
    if (const char* const name = call_name(number)) {
        print(sink, "{}(", name);
    } else {
        print(sink, "system call {}(", number);
    }
    const auto& kinds = description.arguments;
    for (std::size_t at = 0; at < most_arguments && kinds[at] != ArgumentKind::none; ++at) {
        print(sink, "{}", at != 0 ? ", " : "");
        const std::uint32_t word = argument(registers, at);
        if (kinds[at] == ArgumentKind::wide) {
            const std::uint32_t high = argument(registers, ++at);
            print(sink, "{}", static_cast<std::int64_t>(std::uint64_t{high} << 32 | word));
        } else {
            print_argument(sink, kinds[at], word);
        }
    }
    print(sink, ")");
}

void print_answer(Sink& sink, std::int32_t answer) {
    constexpr std::int32_t last_errno = 4095, first_address = 0x10000;
    if (answer < 0 && answer >= -last_errno) {
        if (const char* const name = errno_name(-answer)) {
            print(sink, "-1 {}", name);
        } else {
            print(sink, "-1 errno {}", -answer);
        }
    } else if (answer < 0 || answer >= first_address) {
        print(sink, "{:#x}", static_cast<std::uint32_t>(answer));
    } else {
        print(sink, "{}", answer);
    }
}

CallTrace::CallTrace(const Process& process, const machine::TrapFrame& registers, std::uint32_t number)
    : line_(std::span(buffer_)) {
    print(line_, "[{}] ", process.id);
    print_call(line_, registers, number);
    if (number == __NR_exit || number == __NR_exit_group) {
        machine::console_write(line_.text());
        machine::console_write("\n");
    }
}

void CallTrace::finish(std::int32_t answer) {
    print(line_, " = ");
    print_answer(line_, answer);
    machine::console_write(line_.text());
    machine::console_write("\n");
}

} // namespace quire::abi
