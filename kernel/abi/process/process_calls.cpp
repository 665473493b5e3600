// fork, clone, exit, wait and the thread area. See process_calls.h. Checks and their order: Linux 6.1 kernel/fork.c,
// kernel/exit.c, arch/x86/kernel/tls.c.
#include "kernel/abi/process/process_calls.h"

#include "kernel/abi/time/clock.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/process/lifecycle/exit.h"
#include "kernel/process/lifecycle/fork.h"

#include <optional>
#include <utility>

namespace quire::abi {

// ---- The thread area

namespace {

using machine::ThreadSegment;

// As Linux's LDT_empty and LDT_zero: what takes a segment away.
[[nodiscard]] bool is_empty(const SegmentDescriptor& given) {
    constexpr std::uint32_t empty_flags = SegmentDescriptor::read_execute_only | SegmentDescriptor::not_present;
    return given.base == 0 && given.limit == 0 && (given.flags == empty_flags || given.flags == 0);
}

// The segment that a program asks for. Error: invalid_argument.
Result<ThreadSegment> segment_of(const SegmentDescriptor& given) {
    using Flags = SegmentDescriptor;
    if (is_empty(given)) {
        return ThreadSegment();
    }
    const std::uint32_t contents = given.flags >> Flags::contents_shift & Flags::contents_mask;
    if ((given.flags & Flags::is_32_bit) == 0 || contents > 1 || (given.flags & Flags::not_present) != 0) {
        return fail(Error::invalid_argument);
    }
    return ThreadSegment::of({.base = given.base,
                              .limit = given.limit,
                              .operands_32_bit = true,
                              .contents = static_cast<std::uint8_t>(contents),
                              .read_only = (given.flags & Flags::read_execute_only) != 0,
                              .limit_in_pages = (given.flags & Flags::limit_in_pages) != 0,
                              .not_present = false,
                              .useable = (given.flags & Flags::useable) != 0});
}

// The entry that a program means: the number it gave, or the first one that is free. Errors: invalid_argument,
// no_process (Linux's ESRCH: none is free).
Result<std::uint32_t> entry_of(const Process& process, std::uint32_t number) {
    constexpr std::uint32_t any = ~std::uint32_t{0};
    if (number == any) {
        for (std::uint32_t at = 0; at < machine::thread_segment_count; ++at) {
            if (process.thread.segments[at] == ThreadSegment()) {
                return at;
            }
        }
        return fail(Error::no_process);
    }
    const std::uint32_t at = number - machine::first_thread_segment;
    return at < machine::thread_segment_count ? Result<std::uint32_t>(at) : fail(Error::invalid_argument);
}

} // namespace

Result<void> set_thread_area(Process& process, UserPointer<SegmentDescriptor> place) {
    const auto given = read_value(place);
    if (!given) {
        return fail(given.error());
    }
    const auto segment = segment_of(*given);
    if (!segment) {
        return fail(segment.error());
    }
    const auto entry = entry_of(process, given->number);
    if (!entry) {
        return fail(entry.error());
    }
    const std::uint32_t number = machine::first_thread_segment + *entry;
    if (given->number != number) {
        if (const auto told = write_value(place.address, number); !told) {
            return told;
        }
    }
    process.thread.segments[*entry] = *segment;
    machine::load_thread_segments(process.thread.segments);
    return {};
}

Result<void> get_thread_area(Process& process, UserPointer<SegmentDescriptor> place) {
    const auto number = read_value<std::uint32_t>(place.address);
    if (!number) {
        return fail(number.error());
    }
    const std::uint32_t at = *number - machine::first_thread_segment;
    if (at >= machine::thread_segment_count) {
        return fail(Error::invalid_argument);
    }
    using Flags = SegmentDescriptor;
    const ThreadSegment::Description is = process.thread.segments[at].description();
    const auto flag = [](bool set, std::uint32_t bit) { return set ? bit : 0; };
    return write_value(
        place,
        {.number = *number,
         .base = is.base,
         .limit = is.limit,
         .flags = flag(is.operands_32_bit, Flags::is_32_bit) | std::uint32_t{is.contents} << Flags::contents_shift |
                  flag(is.read_only, Flags::read_execute_only) | flag(is.limit_in_pages, Flags::limit_in_pages) |
                  flag(is.not_present, Flags::not_present) | flag(is.useable, Flags::useable)});
}

std::uint32_t set_thread_word(Process& process, VirtAddr word) {
    process.clear_on_exit = word.value();
    return process.id;
}

// ---- fork

Result<std::uint32_t> fork(Process& process) {
    return fork_process(process, {});
}

Result<std::uint32_t> fork_lending_memory(Process& process) {
    return fork_process(process, {.share_space = true, .wait_for_exec = true, .thread_segments = {}});
}

namespace {

// Those that change nothing here: there is no ptrace, no System V semaphore to undo, no I/O context.
constexpr std::uint32_t ignored_clone_flags = CLONE_PTRACE | CLONE_SYSVSEM | CLONE_DETACHED | CLONE_UNTRACED | CLONE_IO;
constexpr std::uint32_t supported_clone_flags = CSIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_VFORK |
                                                CLONE_PARENT | CLONE_SETTLS | CLONE_PARENT_SETTID |
                                                CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | ignored_clone_flags;

// The parent's segments with the one that CLONE_SETTLS asks for. Errors: bad_address, invalid_argument.
Result<machine::ThreadSegments> segments_for(const Process& process, UserPointer<SegmentDescriptor> place) {
    const auto given = read_value(place);
    if (!given) {
        return fail(given.error());
    }
    const auto segment = segment_of(*given);
    const std::uint32_t at = given->number - machine::first_thread_segment;
    if (!segment || at >= machine::thread_segment_count) {
        return fail(Error::invalid_argument);
    }
    machine::ThreadSegments segments = process.thread.segments;
    segments[at] = *segment;
    return segments;
}

} // namespace

Result<std::uint32_t> clone(Process& process, CloneFlags clone_flags, VirtAddr stack, VirtAddr parent_word,
                            UserPointer<SegmentDescriptor> thread_segment, VirtAddr child_word) {
    const std::uint32_t flags = std::to_underlying(clone_flags);
    const auto has = [&](std::uint32_t flag) { return (flags & flag) != 0; };
    if (has(~supported_clone_flags)) {
        return fail(Error::invalid_argument);
    }
    ForkOptions options{.share_space = has(CLONE_VM),
                        .share_files = has(CLONE_FILES),
                        .share_context = has(CLONE_FS),
                        .wait_for_exec = has(CLONE_VFORK),
                        .same_parent = has(CLONE_PARENT),
                        .exit_signal = flags & CSIGNAL,
                        .stack = stack.value(),
                        .parent_word = has(CLONE_PARENT_SETTID) ? parent_word.value() : 0,
                        .child_word = has(CLONE_CHILD_SETTID) ? child_word.value() : 0,
                        .clear_word = has(CLONE_CHILD_CLEARTID) ? child_word.value() : 0,
                        .thread_segments = {}};
    if (has(CLONE_SETTLS)) {
        const auto segments = segments_for(process, thread_segment);
        if (!segments) {
            return fail(segments.error());
        }
        options.thread_segments = *segments;
    }
    return fork_process(process, options);
}

Result<void> unshare(Process& process, CloneFlags clone_flags) {
    // A process is a thread group by itself: there is nothing to leave of those of threads.
    constexpr std::uint32_t supported =
        CLONE_FS | CLONE_FILES | CLONE_VM | CLONE_SYSVSEM | CLONE_THREAD | CLONE_SIGHAND;
    const std::uint32_t flags = std::to_underlying(clone_flags);
    const auto has = [&](std::uint32_t flag) { return (flags & flag) != 0; };
    if (has(~supported) || (has(CLONE_VM) && process.space->holders() > 1)) {
        return fail(Error::invalid_argument);
    }
    Ref<FileContext> context;
    if (has(CLONE_FS) && process.context->references > 1) {
        auto made = process.context->clone();
        if (!made) {
            return fail(made.error());
        }
        context = *std::move(made);
    }
    if (has(CLONE_FILES)) {
        auto own = FileTable::own(process.files);
        if (!own) {
            return fail(own.error());
        }
        process.files = *std::move(own);
    }
    if (context) {
        process.context = std::move(context);
    }
    return {};
}

Result<std::uint32_t> restart_call(Process& process) {
    return process.continuation.go_on != nullptr ? process.continuation.go_on(process) : fail(Error::interrupted);
}

std::int32_t exit(Process& process, std::uint32_t status) {
    exit_process(process, ProcessStatus::exited(status));
}

// ---- wait

namespace {

// Which children wait4's first argument means. Nothing for one that Linux refuses.
std::optional<WaitRequest> request_for(const Process& process, std::int32_t which) {
    using Which = WaitRequest::Which;
    if (which == std::numeric_limits<std::int32_t>::min()) {
        return std::nullopt;
    }
    if (which == -1) {
        return WaitRequest{.which = Which::any};
    }
    if (which > 0) {
        return WaitRequest{.which = Which::process, .id = static_cast<std::uint32_t>(which)};
    }
    return WaitRequest{.which = Which::group, .id = which == 0 ? process.group : static_cast<std::uint32_t>(-which)};
}

constexpr std::uint32_t wait_kinds = __WALL | __WCLONE | __WNOTHREAD;

[[nodiscard]] WaitRequest::Kind kind_of(std::uint32_t options) {
    using Kind = WaitRequest::Kind;
    if ((options & __WALL) != 0) {
        return Kind::all;
    }
    return (options & __WCLONE) != 0 ? Kind::clones : Kind::usual;
}

} // namespace

Result<std::uint32_t> wait_for(Process& process, std::int32_t which, UserPointer<std::uint32_t> status, Bits options,
                               UserPointer<Usage> usage) {
    const std::uint32_t given = std::to_underlying(options);
    if ((given & ~(WNOHANG | WUNTRACED | WCONTINUED | wait_kinds)) != 0) {
        return fail(Error::invalid_argument);
    }
    auto request = request_for(process, which);
    if (!request) {
        return fail(Error::no_process);
    }
    request->kind = kind_of(given);
    request->stopped = (given & WUNTRACED) != 0;
    request->continued = (given & WCONTINUED) != 0;
    request->no_hang = (given & WNOHANG) != 0;
    const auto child = wait_for_child(process, *request);
    if (!child) {
        return fail(child.error());
    }
    if (child->id != 0) {
        if (!status.is_null()) {
            if (const auto told = write_value(status, child->status.word); !told) {
                return fail(told.error());
            }
        }
        if (!usage.is_null()) {
            if (const auto told = write_value(usage, usage_of(process, child->times)); !told) {
                return fail(told.error());
            }
        }
    }
    return child->id;
}

Result<std::uint32_t> wait_for_old(Process& process, std::int32_t which, UserPointer<std::uint32_t> status,
                                   Bits options) {
    return wait_for(process, which, status, options, {});
}

namespace {

// What waitid fills in: siginfo of SIGCHLD. All zero where no child has changed.
[[nodiscard]] SignalDetails details_of(const WaitAnswer& child) {
    if (child.id == 0) {
        return {};
    }
    SignalDetails details{.number = SIGCHLD};
    std::uint32_t status = child.status.status();
    if (child.status.word == ProcessStatus::continued().word) {
        details.code = CLD_CONTINUED;
        status = SIGCONT;
    } else if ((child.status.word & 0xFF) == 0x7F) {
        details.code = CLD_STOPPED;
    } else if (child.status.was_killed()) {
        details.code = child.status.dumped() ? CLD_DUMPED : CLD_KILLED;
        status = child.status.signal();
    } else {
        details.code = CLD_EXITED;
    }
    details.fields[0] = child.id;
    details.fields[2] = status; // behind si_uid, which is 0
    return details;
}

Result<WaitRequest> request_for_id(const Process& process, std::uint32_t kind, std::int32_t id) {
    using Which = WaitRequest::Which;
    switch (kind) {
    case P_ALL: return WaitRequest{.which = Which::any};
    case P_PID:
        if (id <= 0) {
            return fail(Error::invalid_argument);
        }
        return WaitRequest{.which = Which::process, .id = static_cast<std::uint32_t>(id)};
    case P_PGID:
        if (id < 0) {
            return fail(Error::invalid_argument);
        }
        return WaitRequest{.which = Which::group, .id = id != 0 ? static_cast<std::uint32_t>(id) : process.group};
    case P_PIDFD: return fail(id < 0 ? Error::invalid_argument : Error::bad_descriptor);
    default: return fail(Error::invalid_argument);
    }
}

} // namespace

Result<void> wait_for_id(Process& process, std::uint32_t kind, std::int32_t id, UserPointer<SignalDetails> into,
                         Bits options, UserPointer<Usage> usage) {
    const std::uint32_t given = std::to_underlying(options);
    constexpr std::uint32_t changes = WEXITED | WSTOPPED | WCONTINUED;
    if ((given & ~(WNOHANG | WNOWAIT | changes | wait_kinds)) != 0 || (given & changes) == 0) {
        return fail(Error::invalid_argument);
    }
    auto request = request_for_id(process, kind, id);
    if (!request) {
        return fail(request.error());
    }
    request->kind = kind_of(given);
    request->exited = (given & WEXITED) != 0;
    request->stopped = (given & WSTOPPED) != 0;
    request->continued = (given & WCONTINUED) != 0;
    request->no_hang = (given & WNOHANG) != 0;
    request->no_reap = (given & WNOWAIT) != 0;
    const auto child = wait_for_child(process, *request);
    if (!child) {
        return fail(child.error());
    }
    if (child->id != 0 && !usage.is_null()) {
        if (const auto told = write_value(usage, usage_of(process, child->times)); !told) {
            return told;
        }
    }
    return into.is_null() ? Result<void>() : write_value(into, details_of(*child));
}

} // namespace quire::abi
