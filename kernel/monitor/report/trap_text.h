// What the processor says about an exception, in words: the bits of its error codes and of EFLAGS, what each vector
// means and what usually causes it. Tables and text only; knows no memory and decides nothing.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/machine/trap.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace quire {

// How a page was touched when the processor refused.
enum class AccessKind : std::uint8_t { read, write, fetch };
// From the error code; and a fetch also where EIP is the faulting address itself, because the processor tells fetches
// apart only with SMEP or execute-disable pages (Intel SDM vol. 3A §4.7).
[[nodiscard]] AccessKind access_of(const machine::TrapFrame& page_fault);

// One bit of a page fault's error code. Intel SDM vol. 3A §4.7, figure 4-12.
struct PageFaultBit {
    std::string_view name;
    std::uint32_t mask = 0;
    std::string_view if_set, if_clear; // nothing to say where empty
};
inline constexpr auto page_fault_bits = std::to_array<PageFaultBit>({
    PageFaultBit{"P", 1U << 0, "the page is present, but this access is not allowed", "no translation: not present"},
    PageFaultBit{"W/R", 1U << 1, "a write", "a read"},
    PageFaultBit{"U/S", 1U << 2, "by a program in ring 3", "by the kernel"},
    PageFaultBit{"RSVD", 1U << 3, "a reserved bit of an entry is set", ""},
    PageFaultBit{"I/D", 1U << 4, "an instruction fetch", ""},
    PageFaultBit{"PK", 1U << 5, "refused by a protection key", ""},
    PageFaultBit{"SS", 1U << 6, "a shadow-stack access", ""},
    PageFaultBit{"SGX", 1U << 15, "refused by SGX", ""},
});
inline constexpr std::uint32_t page_fault_present = page_fault_bits[0].mask;
inline constexpr std::uint32_t page_fault_write = page_fault_bits[1].mask;
inline constexpr std::uint32_t page_fault_user = page_fault_bits[2].mask;
inline constexpr std::uint32_t page_fault_reserved = page_fault_bits[3].mask;
inline constexpr std::uint32_t page_fault_fetch = page_fault_bits[4].mask;

// A page fault's error code, each bit in words: "0x2: P=0 no translation: not present, W/R=1 a write, …".
struct PageFaultCode {
    std::uint32_t raw = 0;
};
void print_to(Sink& sink, const PageFaultCode& code);

// An error code that names a selector or a gate: which table, which entry, and whether an event outside the program
// raised it. Intel SDM vol. 3A §6.13.
struct SelectorErrorCode {
    enum class Table : std::uint8_t { gdt, ldt, idt };
    std::uint32_t raw = 0;

    [[nodiscard]] constexpr bool external() const { return (raw & 1U) != 0; }
    [[nodiscard]] constexpr Table table() const {
        if ((raw & 2U) != 0) {
            return Table::idt;
        }
        return (raw & 4U) != 0 ? Table::ldt : Table::gdt;
    }
    [[nodiscard]] constexpr std::uint32_t index() const { return (raw >> 3U) & 0x1FFFU; }
};
void print_to(Sink& sink, const SelectorErrorCode& code);

// True where the exception's error code is a SelectorErrorCode.
[[nodiscard]] bool has_selector_error_code(std::uint32_t vector);

// One exception: what the processor found, and the likely cause in this kernel.
struct ExceptionText {
    std::uint32_t vector = 0;
    std::string_view what;
    std::string_view likely_cause;
};
// Every vector has one; those without a meaning of their own share the last.
[[nodiscard]] const ExceptionText& text_of_exception(std::uint32_t vector);

// The names of the bits that are set: "IF ZF PF", and "IOPL=3" where that is not 0. Intel SDM vol. 1 §3.4.3.
struct Eflags {
    std::uint32_t raw = 0;
};
void print_to(Sink& sink, const Eflags& flags);

} // namespace quire
