// Reading, writing and controlling the console's terminal.
#include "kernel/fs/device/terminal_device.h"

#include "kernel/fs/device/signal_number.h"
#include "kernel/fs/vfs/file.h"
#include "kernel/fs/vfs/file_system.h"

#include <algorithm>
#include <array>
#include <asm/ioctls.h>
#include <asm/termios.h>
#include <cstring>

namespace quire {

namespace {

constexpr std::uint64_t nanoseconds_in_tenth = 100'000'000;
constexpr std::uint32_t chunk = 256; // bytes moved at a time, by way of the stack

// What Linux's struct termios has in common with struct termios2: all but the speeds.
using OldSettings = struct termios;
static_assert(sizeof(OldSettings) == 36 && sizeof(Terminal::Settings) == 44);

OldSettings without_speeds(const Terminal::Settings& settings) {
    OldSettings old{};
    std::memcpy(&old, &settings, sizeof(old));
    return old;
}
Terminal::Settings with_speeds(const OldSettings& old, const Terminal::Settings& now) {
    Terminal::Settings settings = now;
    std::memcpy(&settings, &old, sizeof(old));
    return settings;
}

} // namespace

void Console::terminal_changed() {
    if (!changes.empty()) {
        changes.wake();
    }
}

void Console::signal_foreground(std::uint32_t signal) {
    if (terminal.foreground_group != 0) {
        services_->signal_group(terminal.foreground_group, signal);
    }
    terminal_changed();
}

TerminalDevice::TerminalDevice(FileSystem& file_system, std::uint32_t number, Inode& directory, std::string_view name,
                               std::uint32_t device_id, Console& console, Reach reach)
    : Device(file_system, number, directory, name, device_id), console_(&console), reach_(reach) {}

FileServices& TerminalDevice::services() const {
    return file_system().services;
}

bool TerminalDevice::is_controlling() const {
    return terminal().session != 0 && terminal().session == services().caller().session;
}

// The leader of a session without a terminal gets the one that it opens, unless it says O_NOCTTY.
Result<void> TerminalDevice::opened(File&, std::uint32_t flags) {
    if (reach_ == Reach::controlling && !is_controlling()) {
        return fail(Error::no_other_end);
    }
    const FileServices::Caller caller = services().caller();
    const bool leads = caller.process != 0 && caller.process == caller.session;
    if (leads && terminal().session == 0 && (flags & open_flag::no_controlling_terminal) == 0) {
        terminal().session = caller.session;
        terminal().foreground_group = caller.group;
    }
    return {};
}

// A process that is not in the foreground is stopped; one that will not be is refused.
Result<void> TerminalDevice::check_foreground(std::uint32_t signal) const {
    const FileServices::Caller caller = services().caller();
    if (!is_controlling() || caller.group == terminal().foreground_group || terminal().foreground_group == 0) {
        return {};
    }
    if (services().caller_ignores(signal)) {
        return signal == signal_number::terminal_input ? fail(Error::input_output) : Result<void>{};
    }
    services().signal_group(caller.group, signal);
    return fail(Error::restart);
}

// ---- Reading

Result<std::uint32_t> TerminalDevice::read(File& file, IoBuffer& buffer, std::uint64_t) {
    if (buffer.left() == 0) {
        return 0U;
    }
    if (const Result<void> allowed = check_foreground(signal_number::terminal_input); !allowed) {
        return fail(allowed.error());
    }
    if (const Result<void> waited = wait_for_input(file.nonblocking() || buffer.continues(), buffer.left()); !waited) {
        return fail(waited.error());
    }
    std::array<std::byte, chunk> bytes{};
    std::uint32_t moved = 0;
    while (buffer.left() != 0 && !buffer.failed() && terminal().has_input()) {
        const auto room = std::span(bytes).first(std::min(chunk, buffer.left()));
        const Terminal::Taken taken = terminal().take(room);
        moved += buffer.put(room.first(taken.bytes));
        if (taken.line_ended) {
            break;
        }
    }
    services().input_has_room();
    return buffer.outcome(moved);
}

Result<void> TerminalDevice::wait_for_input(bool nonblocking, std::uint32_t wanted) const {
    const Terminal& from = terminal();
    if (nonblocking) {
        const bool none = !from.has_input() && (from.reading_lines() || from.least_bytes() != 0);
        return none ? fail(Error::would_block) : Result<void>{};
    }
    if (from.reading_lines()) {
        while (!from.has_input()) {
            if (const Result<void> woken = services().wait(console_->changes); !woken) {
                return fail(Error::restart);
            }
        }
        return {};
    }
    return wait_for_bytes(std::min(from.least_bytes(), wanted), from.patience() * nanoseconds_in_tenth);
}

// VMIN and VTIME. With both, the time starts anew with each byte, and with the first one only; without VMIN it starts
// at once.
Result<void> TerminalDevice::wait_for_bytes(std::uint32_t least, std::uint64_t patience) const {
    const Terminal& from = terminal();
    std::uint32_t seen = from.available();
    const std::uint32_t enough = std::max(least, patience != 0 ? 1U : 0U);
    std::uint64_t deadline = patience != 0 && (least == 0 || seen != 0) ? services().uptime() + patience : 0;
    while (from.available() < enough) {
        const Result<void> woken = services().wait(console_->changes, deadline);
        if (!woken && woken.error() == Error::timed_out) {
            return {};
        }
        if (!woken) {
            return from.has_input() ? Result<void>{} : fail(Error::restart);
        }
        if (patience != 0 && from.available() != seen) {
            seen = from.available();
            deadline = services().uptime() + patience;
        }
    }
    return {};
}

// ---- Writing

Result<std::uint32_t> TerminalDevice::write(File& file, IoBuffer& buffer, std::uint64_t) {
    if ((terminal().settings().c_lflag & TOSTOP) != 0) {
        if (const Result<void> allowed = check_foreground(signal_number::terminal_output); !allowed) {
            return fail(allowed.error());
        }
    }
    std::array<char, chunk> bytes{};
    std::uint32_t moved = 0;
    while (buffer.left() != 0 && !buffer.failed()) {
        while (terminal().stopped()) {
            if (file.nonblocking()) {
                return moved != 0 ? Result<std::uint32_t>(moved) : fail(Error::would_block);
            }
            if (const Result<void> woken = services().wait(console_->changes); !woken) {
                return moved != 0 ? Result<std::uint32_t>(moved) : fail(Error::restart);
            }
        }
        const std::uint32_t taken = buffer.take(std::as_writable_bytes(std::span(bytes)));
        terminal().write({bytes.data(), taken});
        moved += taken;
    }
    return buffer.outcome(moved);
}

std::uint32_t TerminalDevice::ready(const File&) {
    const Terminal& from = terminal();
    const bool bytes = !from.reading_lines() && from.patience() == 0 && from.least_bytes() != 0
                           ? from.available() >= from.least_bytes()
                           : from.has_input();
    return (bytes ? ready_event::readable : 0) | (from.stopped() ? 0 : ready_event::writable);
}

// ---- Controlling

Result<std::uint32_t> TerminalDevice::control(File& file, std::uint32_t request, const ControlArgument& argument) {
    if (Answer answer = control_settings(request, argument)) {
        return *answer;
    }
    if (Answer answer = control_group(request, argument)) {
        return *answer;
    }
    if (Answer answer = control_flow(request, argument)) {
        return *answer;
    }
    return Inode::control(file, request, argument);
}

Result<std::uint32_t> TerminalDevice::change_settings(const Terminal::Settings& settings, bool flush) {
    if (const Result<void> allowed = check_foreground(signal_number::terminal_output); !allowed) {
        return fail(allowed.error());
    }
    if (flush) {
        terminal().flush_input();
    }
    terminal().set_settings(settings);
    services().input_has_room();
    return 0U;
}

namespace {

// What put() returned, as an ioctl's answer.
Result<std::uint32_t> answer_of(const Result<void>& done) {
    return done ? Result<std::uint32_t>(0U) : fail(done.error());
}

} // namespace

TerminalDevice::Answer TerminalDevice::control_settings(std::uint32_t request, const ControlArgument& argument) {
    switch (request) {
    case TCGETS: return answer_of(argument.put(without_speeds(terminal().settings())));
    case TCGETS2: return answer_of(argument.put(terminal().settings()));
    case TCSETS:
    case TCSETSW: // output is not kept waiting: it has been sent when write() returns
    case TCSETSF: {
        const Result<OldSettings> old = argument.get<OldSettings>();
        return old ? change_settings(with_speeds(*old, terminal().settings()), request == TCSETSF) : fail(old.error());
    }
    case TCSETS2:
    case TCSETSW2:
    case TCSETSF2: {
        const Result<Terminal::Settings> settings = argument.get<Terminal::Settings>();
        return settings ? change_settings(*settings, request == TCSETSF2) : fail(settings.error());
    }
    case TIOCGWINSZ: return answer_of(argument.put(terminal().size));
    case TIOCSWINSZ: {
        const Result<Terminal::Size> size = argument.get<Terminal::Size>();
        if (!size) {
            return fail(size.error());
        }
        terminal().resize(*size);
        return 0U;
    }
    default: return {};
    }
}

TerminalDevice::Answer TerminalDevice::control_group(std::uint32_t request, const ControlArgument& argument) {
    switch (request) {
    case TIOCGPGRP:
        return is_controlling() ? answer_of(argument.put(terminal().foreground_group)) : fail(Error::not_terminal);
    case TIOCGSID: return is_controlling() ? answer_of(argument.put(terminal().session)) : fail(Error::not_terminal);
    case TIOCSPGRP: {
        if (const Result<void> allowed = check_foreground(signal_number::terminal_output); !allowed) {
            return fail(allowed.error());
        }
        if (!is_controlling()) {
            return fail(Error::not_terminal);
        }
        const Result<std::int32_t> group = argument.get<std::int32_t>();
        if (!group || *group <= 0) {
            return fail(group ? Error::invalid_argument : group.error());
        }
        if (terminal().foreground_group != static_cast<std::uint32_t>(*group)) {
            terminal().foreground_group = static_cast<std::uint32_t>(*group);
            terminal().ask_size();
        }
        return 0U;
    }
    case TIOCSCTTY: return become_controlling(argument.value() == 1);
    case TIOCNOTTY:
        if (!is_controlling()) {
            return fail(Error::not_terminal);
        }
        if (services().caller().process == terminal().session) {
            console_->signal_foreground(signal_number::hangup);
            console_->signal_foreground(signal_number::proceed);
            terminal().session = terminal().foreground_group = 0;
        }
        return 0U;
    default: return {};
    }
}

Result<std::uint32_t> TerminalDevice::become_controlling(bool by_force) {
    const FileServices::Caller caller = services().caller();
    if (is_controlling() && caller.process == caller.session) {
        return 0U;
    }
    if (caller.process != caller.session || (terminal().session != 0 && !by_force)) {
        return fail(Error::not_permitted);
    }
    terminal().session = caller.session;
    terminal().foreground_group = caller.group;
    return 0U;
}

TerminalDevice::Answer TerminalDevice::control_flow(std::uint32_t request, const ControlArgument& argument) {
    switch (request) {
    case FIONREAD: return answer_of(argument.put(terminal().available()));
    case TIOCOUTQ:
    case TIOCGETD: // the line discipline, which is N_TTY
        return answer_of(argument.put(std::uint32_t{0}));
    case TCFLSH:
        if (argument.value() > TCIOFLUSH) {
            return fail(Error::invalid_argument);
        }
        if (argument.value() != TCOFLUSH) {
            terminal().flush_input();
            services().input_has_room();
        }
        return 0U;
    case TCXONC:
        if (argument.value() > TCION) {
            return fail(Error::invalid_argument);
        }
        if (argument.value() == TCOOFF || argument.value() == TCOON) {
            terminal().set_stopped(argument.value() == TCOOFF);
        }
        return 0U;
    case TCSBRK: // everything has been sent, and there is no line to hold a break on
    case TCSBRKP:
    case TIOCSBRK:
    case TIOCCBRK: return 0U;
    default: return {};
    }
}

} // namespace quire
