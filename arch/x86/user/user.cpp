// Ring 3 and kernel stacks: what user.h offers and isr.asm and context.asm do.
#include "kernel/machine/user.h"

#include "arch/x86/cpu/hardware.h"
#include "kernel/machine/cpu.h"

extern "C" {
// context.asm
void switch_stacks(std::uint32_t* from, std::uint32_t to);
void begin_context();
// isr.asm
[[noreturn]] void enter_user_registers(const quire::machine::TrapFrame& registers);
}

namespace quire::machine {

namespace {

// A prepared stack, as switch_stacks() and begin_context expect it.
struct PreparedStack {
    std::uint32_t edi, esi, ebx, ebp;
    void (*start)();
    void (*entry)(void*);
    void* argument;
};

} // namespace

void enter_user(const TrapFrame& registers) {
    enter_user_registers(registers);
}

void switch_context(Context& from, Context& to) {
    Checkpoint*& innermost = cpu_local->hardware->innermost_attempt;
    from.innermost_attempt = innermost;
    innermost = to.innermost_attempt;
    switch_stacks(&from.stack_pointer, to.stack_pointer);
}

void prepare_context(Context& context, std::byte* stack_top, void (*entry)(void*), void* argument, std::size_t room) {
    auto* const prepared = reinterpret_cast<PreparedStack*>(stack_top - room) - 1;
    *prepared = {.edi = 0, .esi = 0, .ebx = 0, .ebp = 0, .start = begin_context, .entry = entry, .argument = argument};
    context = {.stack_pointer = reinterpret_cast<std::uint32_t>(prepared)};
}

void set_kernel_stack(std::byte* top) {
    cpu_local->hardware->descriptors.set_kernel_stack(reinterpret_cast<std::uint32_t>(top));
}

void load_thread_segments(const ThreadSegments& segments) {
    cpu_local->hardware->descriptors.set_thread_segments(segments);
}

FpuState initial_fpu_state() {
    return cpu_local->hardware->floating_point.initial_state();
}

void save_fpu(FpuState& state) {
    cpu_local->hardware->floating_point.save(state);
}

void restore_fpu(const FpuState& state) {
    cpu_local->hardware->floating_point.restore(state);
}

std::uint32_t raised_float_exceptions(std::uint32_t trap_vector) {
    return trap_vector == vector::simd ? FloatingPoint::raised_by_simd() : FloatingPoint::raised_by_x87();
}

bool has_fxsave() {
    return cpu_local->hardware->features.fxsave;
}

std::uint32_t mxcsr_mask() {
    return cpu_local->hardware->floating_point.mxcsr_mask();
}

} // namespace quire::machine
