// What running programs in ring 3 takes of the processor: the registers they start with, kernel stacks that are
// switched between, the floating-point registers, and the three segments that a thread may have of its own. The way in
// and out is arch/x86/traps/isr.asm; which process runs when is decided above.
#pragma once

#include "kernel/machine/address.h"
#include "kernel/machine/trap.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace quire::machine {

// Programs live below this. Their code segment has this address as its base, so that an instruction at A is fetched
// from A + user_code_base, where only what may be executed is mapped; data is read and written at A itself. A page
// fault of a fetch therefore names an address in [user_code_base, 2 * user_code_base).
inline constexpr VirtAddr user_end{0x60000000};
inline constexpr std::uint32_t user_code_base = user_end.value();

// ---- Registers of ring 3. A process that is inside the kernel has them in a TrapFrame at the very top of its kernel
// stack, where the processor and the entry stubs put them.

// Those of a program that begins: all zero but for where it starts and its stack.
[[nodiscard]] TrapFrame initial_user_registers(VirtAddr entry, VirtAddr stack_pointer);
// CS, SS, DS and ES as a program begins with them; signal handlers do too. FS and GS stay.
void set_user_selectors(TrapFrame& registers);
// EFLAGS that sigreturn gives to ring 3: from `wanted` those bits that a program may choose (arithmetic, direction,
// trap, alignment check, resume), from `present` those that stay as they are (nested task, identification), interrupts
// on, everything else off. Linux, arch/x86/include/asm/sighandling.h, FIX_EFLAGS.
[[nodiscard]] std::uint32_t user_eflags(std::uint32_t wanted, std::uint32_t present);
// Makes selectors that came from a program (sigreturn) harmless: of 16 bits, CS and SS of ring 3. What a selector names
// may still be wrong: then the return to ring 3 answers with an exception in the program's name for CS and SS, and
// loads the null selector into the others.
void make_harmless(TrapFrame& registers);

// Goes on in ring 3 with these registers, after on_return_to_user() where cpu_local->pending_work asks for it.
// `registers` lies on the current kernel stack, normally at its top; what is below it is given up.
[[noreturn]] void enter_user(const TrapFrame& registers);

// ---- Kernel stacks

struct Checkpoint;

// Where a kernel stack that does not run goes on. Interrupts must be as they were when it stopped: on, by custom.
struct Context {
    std::uint32_t stack_pointer = 0;
    Checkpoint* innermost_attempt = nullptr; // attempt()s belong to the stack they were made on
};

// Goes on with `to`; comes back when somebody switches to `from`. O(1).
void switch_context(Context& from, Context& to);
// The first switch to `context` calls entry(argument) on the stack that ends at `stack_top` (aligned to 4). `entry`
// must not return. `room` bytes at the top are left alone: where the registers of ring 3 are.
void prepare_context(Context& context, std::byte* stack_top, void (*entry)(void*), void* argument,
                     std::size_t room = sizeof(TrapFrame));
// From now on ring 3 is interrupted onto the stack that ends at `top`.
void set_kernel_stack(std::byte* top);

// ---- Floating point: x87, MMX and, where there is SSE, XMM registers. The kernel itself uses none of them.

// As FXSAVE stores them (Intel SDM vol. 1 §10.5.1), or, on a processor without it, FNSAVE in the first 108 bytes
// (§8.1.10).
struct alignas(16) FpuState {
    std::array<std::byte, 512> bytes{};
};

// What a program begins with: as FNINIT leaves it, all exceptions masked, registers empty.
[[nodiscard]] FpuState initial_fpu_state();
// The registers as they are now; they stay.
void save_fpu(FpuState& state);
// `state` must come from one of the above, or what a program made up must have been made harmless.
void restore_fpu(const FpuState& state);
// Which floating-point exceptions the program has raised and not masked, for a trap of vector::x87 or vector::simd: the
// bits of the status word and of MXCSR alike (Intel SDM vol. 1 §8.1.3, §10.2.3).
namespace float_exception {
inline constexpr std::uint32_t invalid = 1, denormal = 2, zero_divide = 4, overflow = 8, underflow = 16, precision = 32,
                               all = 63;
}
[[nodiscard]] std::uint32_t raised_float_exceptions(std::uint32_t trap_vector);
// Whether FpuState is FXSAVE's.
[[nodiscard]] bool has_fxsave();
// The bits of MXCSR that the processor has: loading any other is a general protection fault.
[[nodiscard]] std::uint32_t mxcsr_mask();

// ---- The thread's own segments: for thread-local storage, through GS by custom.

// One descriptor, as the GDT has it (Intel SDM vol. 3A, figure 3-8). Always of ring 3 and for data; all zero is none.
class ThreadSegment {
public:
    // The fields of Linux's struct user_desc (UAPI <asm/ldt.h>).
    struct Description {
        std::uint32_t base = 0;
        std::uint32_t limit = 0; // 20 bits
        bool operands_32_bit = false;
        std::uint8_t contents = 0; // 0: data; 1: data that grows down. Others are code, which no thread gets
        bool read_only = false;
        bool limit_in_pages = false;
        bool not_present = false;
        bool useable = false; // the bit that is the system's own
    };

    constexpr ThreadSegment() = default;
    // `contents` must be 0 or 1. A segment that is not present is kept so, and loading it faults.
    [[nodiscard]] static ThreadSegment of(const Description& description);
    // What of() was given; of none: all zero, read only, not present, as Linux's get_thread_area says.
    [[nodiscard]] Description description() const;

    friend constexpr bool operator==(ThreadSegment, ThreadSegment) = default;

private:
    std::uint32_t low_ = 0, high_ = 0;
};

// The GDT's entries for them, as Linux numbers them; the selector of entry N is N * 8 + 3.
inline constexpr std::uint32_t first_thread_segment = 6, thread_segment_count = 3;
using ThreadSegments = std::array<ThreadSegment, thread_segment_count>;

// From the next return to ring 3 on, these are what the selectors mean.
void load_thread_segments(const ThreadSegments& segments);

} // namespace quire::machine
