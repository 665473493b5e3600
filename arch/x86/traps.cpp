// Where every exception, interrupt and system call arrives from isr.asm: interrupts are served here, everything else is
// the kernel's. Also the exceptions' names.
#include "arch/x86/attempt.h"
#include "arch/x86/hardware.h"
#include "arch/x86/include/trap.h"
#include "arch/x86/include/upcalls.h"
#include "arch/x86/registers.h"

#include <array>

namespace quire::machine {

namespace {

struct ExceptionName {
    std::string_view name, mnemonic;
};

// Intel SDM vol. 3A, table 6-1.
constexpr std::array<ExceptionName, 32> exception_names = [] {
    std::array<ExceptionName, 32> names{};
    names.fill({"reserved", "#--"});
    names[0] = {"divide error", "#DE"};
    names[1] = {"debug exception", "#DB"};
    names[2] = {"non-maskable interrupt", "NMI"};
    names[3] = {"breakpoint", "#BP"};
    names[4] = {"overflow", "#OF"};
    names[5] = {"BOUND range exceeded", "#BR"};
    names[6] = {"invalid opcode", "#UD"};
    names[7] = {"device not available", "#NM"};
    names[8] = {"double fault", "#DF"};
    names[9] = {"coprocessor segment overrun", "#MF"};
    names[10] = {"invalid TSS", "#TS"};
    names[11] = {"segment not present", "#NP"};
    names[12] = {"stack-segment fault", "#SS"};
    names[13] = {"general protection fault", "#GP"};
    names[14] = {"page fault", "#PF"};
    names[16] = {"x87 floating-point error", "#MF"};
    names[17] = {"alignment check", "#AC"};
    names[18] = {"machine check", "#MC"};
    names[19] = {"SIMD floating-point exception", "#XM"};
    names[20] = {"virtualization exception", "#VE"};
    names[21] = {"control protection exception", "#CP"};
    return names;
}();

constexpr ExceptionName name_of(std::uint32_t number) {
    if (number == vector::system_call) {
        return {"system call", "INT"};
    }
    return number < exception_names.size() ? exception_names[number] : ExceptionName{"reserved", "#--"};
}

} // namespace

std::string_view exception_name(std::uint32_t number) {
    return name_of(number).name;
}

std::string_view exception_mnemonic(std::uint32_t number) {
    return name_of(number).mnemonic;
}

} // namespace quire::machine

// Called by isr.asm with the frame it built. The upper halves of the pushed segment registers hold whatever was there:
// processors differ in whether they write them (Intel SDM vol. 2B, "PUSH").
extern "C" void dispatch_trap(quire::machine::TrapFrame& frame) {
    using namespace quire::machine;
    Hardware& hardware = *cpu_local->hardware;
    if (hardware.features.smap && (frame.eflags & eflags::alignment_check) != 0) {
        asm volatile("clac" : : : "memory"); // or the kernel could read user memory by mistake
    }
    if (frame.vector - vector::first_irq < vector::irq_count) {
        hardware.serve_interrupt(frame.vector - vector::first_irq);
        return;
    }
    for (std::uint32_t* const segment : {&frame.gs, &frame.fs, &frame.es, &frame.ds, &frame.cs}) {
        *segment &= 0xFFFF;
    }
    if (on_trap(frame) == TrapAction::unwind) {
        unwind_attempt(unwind_target(frame));
    }
}
