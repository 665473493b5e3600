// What the processor says when it stops a program: the registers at a trap, and a way to try something that may trap.
// The kernel is called through upcalls.h; nothing here decides what a trap means.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace quire::machine {

// Registers at an exception or interrupt, in the order the ISR stubs (arch/x86/traps/isr.asm) push them.
struct TrapFrame {
    std::uint32_t fault_address; // CR2, valid for a page fault
    std::uint32_t gs, fs, es, ds;
    std::uint32_t edi, esi, ebp, esp_at_pushad, ebx, edx, ecx, eax;
    std::uint32_t vector, error_code; // 0 where the exception has none; of a system call its number, EAX as it came
    std::uint32_t eip, cs, eflags;
    std::uint32_t user_esp, user_ss; // there only when from_user()

    // What lies between the registers that PUSHAD saved and the interrupted stack, in bytes: vector, error code, EIP,
    // CS, EFLAGS.
    static constexpr std::uint32_t pushed_above_pushad = 5 * 4;

    [[nodiscard]] bool from_user() const { return (cs & 3U) == 3U; }
    // ESP of what was interrupted: a trap inside ring 0 pushes none, but it is where EFLAGS ends.
    [[nodiscard]] std::uint32_t esp() const { return from_user() ? user_esp : esp_at_pushad + pushed_above_pushad; }
};

// Vectors of the exceptions the kernel names. Intel SDM vol. 3A §6.15.
namespace vector {
inline constexpr std::uint32_t divide_error = 0, debug = 1, nmi = 2, breakpoint = 3, overflow = 4, bound = 5,
                               invalid_opcode = 6, no_device = 7, double_fault = 8, invalid_tss = 10,
                               segment_not_present = 11, stack_segment = 12, general_protection = 13, page_fault = 14,
                               x87 = 16, alignment = 17, machine_check = 18, simd = 19;
inline constexpr std::uint32_t first_irq = 32, irq_count = 16, system_call = 0x80;
} // namespace vector

// "page fault", "#PF" and so on; "reserved" for a vector without a name.
[[nodiscard]] std::string_view exception_name(std::uint32_t vector);
[[nodiscard]] std::string_view exception_mnemonic(std::uint32_t vector);

// Runs body(argument). Returns nothing if it came back by itself; if it trapped and the kernel answered
// TrapAction::unwind, returns the registers at the trap. Calls nest. What body had built is not destroyed.
[[nodiscard]] std::optional<TrapFrame> attempt(void (*body)(void*), void* argument);
// True while some attempt() is under way, so that unwind has somewhere to go.
[[nodiscard]] bool attempting();

} // namespace quire::machine
