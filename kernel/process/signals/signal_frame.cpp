// Building signal frames on a program's stack, and believing nothing of what comes back from there.
#include "kernel/process/signals/signal_frame.h"

#include "kernel/machine/user.h"
#include "kernel/machine/user_memory.h"
#include "kernel/process/signals/signal_frame_layout.h"
#include "kernel/process/system_call_answer.h"
#include "kernel/process/user_pages.h"

namespace quire {

namespace {

using machine::SignalFpuState;
using machine::TrapFrame;
namespace layout = signal_frame;

// sigaltstack's flags, as the frame has them. UAPI <linux/signal.h>.
constexpr std::uint32_t on_stack = 1, stack_disabled = 2, disarm_on_use = 1U << 31;
constexpr std::uint32_t smallest_stack = 2048; // MINSIGSTKSZ

// EFLAGS that a handler does not start with: trap, direction, resume. Linux, arch/x86/kernel/signal.c.
constexpr std::uint32_t trap_flag = 1U << 8, direction_flag = 1U << 10, resume_flag = 1U << 16;

// ---- Where a frame goes

bool runs_on(const AlternateStack& alternate, std::uint32_t stack_pointer) {
    return (alternate.flags & disarm_on_use) == 0 && alternate.contains(stack_pointer);
}

struct Places {
    VirtAddr frame, fpu;
};

// A frame below the stack pointer, or on the alternate stack, with the floating-point registers above
// it. The handler finds ESP + 4 at a multiple of 16, as after any call, and FXSAVE's image lies at one of 64.
template <class Frame>
Result<Places> place(const TrapFrame& registers, const SignalAction& action, const AlternateStack& alternate) {
    constexpr std::uint32_t fpu_alignment = 64, stack_alignment = 16, return_address_size = 4;
    const bool already_there = runs_on(alternate, registers.user_esp);
    const bool goes_there =
        (action.flags & SignalAction::on_alternate_stack) != 0 && alternate.size != 0 && !already_there;
    const std::uint32_t top = goes_there ? alternate.start + alternate.size : registers.user_esp;
    const std::uint32_t extended_size = machine::signal_fpu_size() - SignalFpuState::legacy_size;
    const std::uint32_t fpu_part = extended_size != 0 ? extended_size : SignalFpuState::legacy_size;
    std::uint32_t fpu = (top - fpu_part) & ~(fpu_alignment - 1);
    fpu -= extended_size != 0 ? SignalFpuState::legacy_size : 0;
    const std::uint32_t frame =
        ((fpu - std::uint32_t{sizeof(Frame)} + return_address_size) & ~(stack_alignment - 1)) - return_address_size;
    const bool room = frame < top && (!(already_there || goes_there) || alternate.contains(frame));
    return room ? Result<Places>({VirtAddr(frame), VirtAddr(fpu)}) : fail(Error::bad_address);
}

// ---- What is in it

layout::Registers saved(const TrapFrame& registers, const SignalInfo& info, SignalSet mask, VirtAddr fpu) {
    constexpr std::uint32_t selector = 0xFFFF;
    return {
        .gs = registers.gs & selector,
        .fs = registers.fs & selector,
        .es = registers.es & selector,
        .ds = registers.ds & selector,
        .edi = registers.edi,
        .esi = registers.esi,
        .ebp = registers.ebp,
        .esp = registers.user_esp,
        .ebx = registers.ebx,
        .edx = registers.edx,
        .ecx = registers.ecx,
        .eax = registers.eax,
        .trap = info.trap,
        .error_code = info.error_code,
        .eip = registers.eip,
        .cs = registers.cs & selector,
        .eflags = registers.eflags,
        .esp_at_signal = registers.user_esp,
        .ss = registers.user_ss & selector,
        .fpu_state = fpu.value(),
        .old_mask = static_cast<std::uint32_t>(mask),
        .fault_address = info.trap == machine::vector::page_fault ? info.address : 0,
    };
}

layout::Information siginfo(const SignalInfo& info) {
    layout::Information to{.number = static_cast<std::int32_t>(info.number), .error = info.error, .code = info.code};
    const bool by_process = info.code <= 0;
    if (by_process || info.number == signal_number::child) {
        to.fields[0] = info.sender;
        to.fields[1] = info.user;
        to.fields[2] = info.value;
    } else {
        to.fields[0] = info.address;
    }
    return to;
}

layout::Stack saved(const AlternateStack& alternate, std::uint32_t stack_pointer) {
    const std::uint32_t state =
        alternate.size == 0 ? stack_disabled : (runs_on(alternate, stack_pointer) ? on_stack : 0);
    return {.start = alternate.start, .flags = state | (alternate.flags & disarm_on_use), .size = alternate.size};
}

// ---- Writing it, and starting the handler

Result<void> write(const Places& places, const void* frame, std::size_t size) {
    const SignalFpuState fpu = machine::save_fpu_for_signal();
    const bool written = machine::copy_to_user(places.fpu, &fpu, machine::signal_fpu_size()) == 0 &&
                         machine::copy_to_user(places.frame, frame, size) == 0;
    return written ? Result<void>() : fail(short_copy_error());
}

// The handler computes from the beginning, whatever the program was computing: an exception that is pending there would
// be raised in here. All else in EFLAGS, such as NT, stays (Linux, arch/x86/kernel/signal.c, handle_signal).
void start_handler(TrapFrame& registers, const SignalAction& action, VirtAddr frame, std::uint32_t number) {
    machine::restore_fpu(machine::initial_fpu_state());
    machine::set_user_selectors(registers);
    registers.eip = action.handler;
    registers.user_esp = frame.value();
    registers.eflags &= ~(trap_flag | direction_flag | resume_flag);
    registers.eax = number; // for handlers compiled to take arguments in registers
    registers.edx = 0;
    registers.ecx = 0;
}

Result<void> push_plain(TrapFrame& registers, const SignalInfo& info, const SignalAction& action,
                        const AlternateStack& alternate, SignalSet mask) {
    const Result<Places> places = place<layout::Plain>(registers, action, alternate);
    if (!places) {
        return fail(places.error());
    }
    layout::Plain frame;
    frame.return_address = action.restorer;
    frame.number = info.number;
    frame.registers = saved(registers, info, mask, places->fpu);
    frame.high_mask = static_cast<std::uint32_t>(mask >> 32);
    frame.code = layout::plain_code;
    if (const Result<void> written = write(*places, &frame, sizeof frame); !written) {
        return written;
    }
    start_handler(registers, action, places->frame, info.number);
    return {};
}

Result<void> push_with_information(TrapFrame& registers, const SignalInfo& info, const SignalAction& action,
                                   AlternateStack& alternate, SignalSet mask) {
    const Result<Places> places = place<layout::WithInformation>(registers, action, alternate);
    if (!places) {
        return fail(places.error());
    }
    layout::WithInformation frame;
    frame.return_address = action.restorer;
    frame.number = info.number;
    frame.information_address = (places->frame + offsetof(layout::WithInformation, information)).value();
    frame.context_address = (places->frame + offsetof(layout::WithInformation, context)).value();
    frame.information = siginfo(info);
    frame.context.stack = saved(alternate, registers.user_esp);
    frame.context.registers = saved(registers, info, mask, places->fpu);
    frame.context.low_mask = static_cast<std::uint32_t>(mask);
    frame.context.high_mask = static_cast<std::uint32_t>(mask >> 32);
    frame.code = layout::information_code;
    if (const Result<void> written = write(*places, &frame, sizeof frame); !written) {
        return written;
    }
    start_handler(registers, action, places->frame, info.number);
    registers.edx = frame.information_address;
    registers.ecx = frame.context_address;
    if ((alternate.flags & disarm_on_use) != 0) {
        alternate = {};
    }
    return {};
}

// ---- The way back

// Floating-point registers from where the program says that they are; none: as a program begins with them.
Result<void> restore_fpu(std::uint32_t address) {
    if (address == 0) {
        machine::restore_fpu(machine::initial_fpu_state());
        return {};
    }
    SignalFpuState state;
    if (machine::copy_from_user(&state, VirtAddr(address), machine::signal_fpu_size()) != 0) {
        return fail(short_copy_error());
    }
    return machine::restore_fpu_of_signal(state) ? Result<void>() : fail(Error::bad_address);
}

Result<void> restore(TrapFrame& registers, const layout::Registers& from) {
    if (const Result<void> restored = restore_fpu(from.fpu_state); !restored) {
        return restored;
    }
    registers.gs = from.gs;
    registers.fs = from.fs;
    registers.es = from.es;
    registers.ds = from.ds;
    registers.edi = from.edi;
    registers.esi = from.esi;
    registers.ebp = from.ebp;
    registers.user_esp = from.esp;
    registers.ebx = from.ebx;
    registers.edx = from.edx;
    registers.ecx = from.ecx;
    registers.eax = from.eax;
    registers.eip = from.eip;
    registers.cs = from.cs;
    registers.eflags = machine::user_eflags(from.eflags, registers.eflags);
    registers.user_ss = from.ss;
    machine::make_harmless(registers);
    system_call_number(registers) = no_system_call;
    return {};
}

SignalSet mask_of(std::uint32_t low, std::uint32_t high) {
    return (SignalSet{high} << 32 | low) & ~unblockable;
}

// What sigaltstack would do with it; where that refuses, the stack stays as it is.
void restore_stack(AlternateStack& alternate, const layout::Stack& from, std::uint32_t stack_pointer) {
    const std::uint32_t mode = from.flags & ~disarm_on_use;
    if (runs_on(alternate, stack_pointer) || mode > stack_disabled) {
        return;
    }
    if (mode == stack_disabled) {
        alternate = {};
    } else if (from.size >= smallest_stack) {
        alternate = {.start = from.start, .size = from.size, .flags = from.flags & disarm_on_use};
    }
}

template <class Frame> Result<void> read(Frame& frame, VirtAddr address) {
    return machine::copy_from_user(&frame, address, sizeof frame) == 0 ? Result<void>() : fail(short_copy_error());
}

} // namespace

Result<void> push_signal_frame(TrapFrame& registers, const SignalInfo& info, const SignalAction& action,
                               AlternateStack& alternate, SignalSet mask) {
    return (action.flags & SignalAction::with_information) != 0
               ? push_with_information(registers, info, action, alternate, mask)
               : push_plain(registers, info, action, alternate, mask);
}

// The handler's return has taken the return address off the stack, and the plain frame's code the number, too.
Result<void> pop_signal_frame(TrapFrame& registers, SignalFrameKind kind, SignalSet& mask, AlternateStack& alternate) {
    if (kind == SignalFrameKind::plain) {
        layout::Plain frame;
        Result<void> done = read(frame, VirtAddr(registers.user_esp) - offsetof(layout::Plain, registers));
        done = done ? restore(registers, frame.registers) : done;
        if (!done) {
            return done;
        }
        mask = mask_of(frame.registers.old_mask, frame.high_mask);
        return {};
    }
    layout::WithInformation frame;
    Result<void> done = read(frame, VirtAddr(registers.user_esp) - offsetof(layout::WithInformation, number));
    done = done ? restore(registers, frame.context.registers) : done;
    if (!done) {
        return done;
    }
    mask = mask_of(frame.context.low_mask, frame.context.high_mask);
    restore_stack(alternate, frame.context.stack, registers.user_esp);
    return {};
}

} // namespace quire
