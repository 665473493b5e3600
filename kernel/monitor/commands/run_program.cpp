// The kernel's own little part of what a login shell does.
#include "kernel/monitor/commands/run_program.h"

#include "kernel/fs/device/terminal.h"
#include "kernel/lib/panic.h"
#include "kernel/process/exec/exec.h"
#include "kernel/process/lifecycle/exit.h"

#include <algorithm>
#include <array>

namespace quire {

namespace {

constexpr std::string_view environment("PATH=/bin:/usr/bin:/sbin:/usr/sbin\0HOME=/tmp\0TERM=linux\0TMPDIR=/tmp\0", 68);
constexpr std::uint32_t environment_count = 4;
static_assert(std::count(environment.begin(), environment.end(), '\0') == environment_count);
constexpr auto folders = std::to_array<std::string_view>({"/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"});

// Texts one after the other, each with its NUL.
class TextBlock {
public:
    bool add(std::string_view text) {
        if (text.size() + 1 > text_.size() - used_) {
            return false;
        }
        const auto end = std::copy(text.begin(), text.end(), text_.begin() + static_cast<std::ptrdiff_t>(used_));
        *end = '\0';
        used_ += text.size() + 1;
        return true;
    }
    [[nodiscard]] std::span<const char> text() const { return {text_.data(), used_}; }

private:
    std::array<char, 1024> text_{};
    std::size_t used_ = 0;
};

// Calls visit(path) for each place where a program called `name` may be, until it returns false. A name that is too
// long to be one is at none.
template <class Visitor> void for_each_place(std::string_view name, Visitor&& visit) {
    if (name.find('/') != std::string_view::npos) {
        visit(name);
        return;
    }
    for (const std::string_view folder : folders) {
        std::array<char, longest_name + 16> path{};
        BufferSink text(path);
        print(text, "{}{}", folder, name);
        if (text.truncated() || !visit(text.text())) {
            return;
        }
    }
}

} // namespace

std::span<const std::string_view> program_folders() {
    return folders;
}

Result<Process*> start_words(Userland& userland, std::span<const std::string_view> words) {
    TextBlock arguments;
    for (const std::string_view word : words) {
        if (!arguments.add(word)) {
            return fail(Error::too_many_arguments);
        }
    }
    const ArgumentBlock block{.arguments = arguments.text(),
                              .argument_count = static_cast<std::uint32_t>(words.size()),
                              .environment = environment,
                              .environment_count = environment_count};
    Result<Process*> started = fail(Error::not_found);
    for_each_place(words.front(), [&](std::string_view path) {
        started = start_program(userland, path, block);
        return !started && started.error() == Error::not_found;
    });
    return started;
}

std::optional<InterpreterPath> missing_interpreter(Userland& userland, std::string_view name) {
    std::optional<InterpreterPath> missing;
    for_each_place(name, [&](std::string_view path) {
        missing = missing_interpreter_of(userland, path);
        return !missing;
    });
    return missing;
}

void ask_for_size(Userland& userland) {
    constexpr std::uint64_t patience = machine::ticks_per_second / 4;
    Terminal& console = userland.files().console();
    console.may_be_asked = true;
    console.ask_size();
    userland.give_console_to_programs(true);
    for (const std::uint64_t end = machine::ticks() + patience; console.asked() && machine::ticks() < end;) {
        userland.processes.scheduler.wait_for_event();
    }
    userland.give_console_to_programs(false);
    if (console.asked()) {
        console.stop_asking();
        console.may_be_asked = false;
    }
}

ProgramResult wait_in_foreground(Userland& userland, Process& process) {
    Terminal& console = userland.files().console();
    console.foreground_group = process.group;
    userland.give_console_to_programs(true);
    const WaitRequest request{.which = WaitRequest::Which::process, .id = process.id, .stopped = true};
    const Result<WaitAnswer> answer = wait_for_child(userland.processes.kernel(), request);
    userland.give_console_to_programs(false);
    ensure(answer.has_value(), "the kernel, whom no signal interrupts, waits for a child that it has");
    return {.id = answer->id, .status = answer->status, .stopped = answer->status.is_stop()};
}

std::optional<ProgramResult> take_ended(Userland& userland) {
    const WaitRequest request{.no_hang = true};
    const Result<WaitAnswer> answer = wait_for_child(userland.processes.kernel(), request);
    if (!answer || answer->id == 0) {
        return std::nullopt;
    }
    return ProgramResult{.id = answer->id, .status = answer->status};
}

void print_to(Sink& sink, const ProgramResult& result) {
    if (result.stopped) {
        print(sink, "stopped by {}; `fg {}` lets it go on", signal_name(result.status.status()), result.id);
    } else if (result.status.was_killed()) {
        print(sink, "killed by signal {} ({})", result.status.signal(), signal_name(result.status.signal()));
    } else {
        print(sink, "exited with status {}", result.status.status());
    }
}

} // namespace quire
