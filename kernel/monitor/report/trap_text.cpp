// The tables of exceptions and flags, and how error codes are spelled out. See trap_text.h.
#include "kernel/monitor/report/trap_text.h"

namespace quire {

namespace {

using namespace machine;

constexpr auto exception_texts = std::to_array<ExceptionText>({
    ExceptionText{vector::divide_error, "A division by zero, or one whose quotient does not fit its register.",
                  "a divisor was not checked before DIV or IDIV."},
    ExceptionText{vector::debug, "A debug event: a single step (EFLAGS.TF), a breakpoint register or INT1.",
                  "a debugger's leftover: the trap flag, a debug register or an INT1 instruction."},
    ExceptionText{vector::nmi, "A non-maskable interrupt: the hardware wants attention that cannot wait.",
                  "a hardware error or a watchdog; no program raises it."},
    ExceptionText{vector::breakpoint, "A breakpoint: the instruction before EIP is INT3.",
                  "a breakpoint was set here, or execution ran into padding, which is often filled with INT3."},
    ExceptionText{vector::overflow, "INTO found the overflow flag set.",
                  "signed arithmetic overflowed before a check."},
    ExceptionText{vector::bound, "BOUND found an index outside its array's bounds.",
                  "an array index was out of range."},
    ExceptionText{vector::invalid_opcode, "An instruction that this processor does not know, or UD2.",
                  "the compiler's trap for code that must not be reached, or execution that ran into data."},
    ExceptionText{vector::no_device, "A floating-point or SIMD instruction while there is no unit for it.",
                  "code in the kernel was compiled with floating point or SIMD; the kernel uses neither."},
    ExceptionText{vector::double_fault, "A double fault: an exception could not be delivered, for it raised another.",
                  "the stack or the tables that exceptions are delivered through are broken."},
    ExceptionText{vector::invalid_tss,
                  "A task switch, or a change of stack, found a task-state segment that is invalid.",
                  "the TSS or a descriptor it names was overwritten."},
    ExceptionText{vector::segment_not_present, "A segment or gate was used whose descriptor is marked not present.",
                  "a selector or vector that nobody has set up was used."},
    ExceptionText{vector::stack_segment, "The stack segment is not present, or an access through it left its limit.",
                  "the stack pointer or SS is damaged."},
    ExceptionText{vector::general_protection, "A general protection fault: the processor refused what was asked for.",
                  "a bad selector, a privileged or malformed instruction, or a vector without a gate."},
    ExceptionText{vector::x87, "The floating-point unit reports an unmasked error.",
                  "a floating-point instruction ran; the kernel uses none."},
    ExceptionText{vector::alignment, "An access in ring 3 was not aligned while alignment checks are on.",
                  "a program set EFLAGS.AC and used a misaligned pointer."},
    ExceptionText{vector::machine_check, "A machine check: the processor or memory found an error in itself.",
                  "failing hardware, not a program."},
    ExceptionText{vector::simd, "An unmasked SIMD floating-point error.",
                  "an SSE instruction ran; the kernel uses none."},
    ExceptionText{vector::page_fault, "A page fault.", "a wild pointer."},
    ExceptionText{vector::system_call, "A system call (INT 0x80), and there is no process that could make one.",
                  "execution ran into data, or a program's code was run in ring 0."},
});
constexpr ExceptionText unnamed{0, "An interrupt or exception that nothing in this kernel asks for.",
                                "a device raised a vector it was not given, or execution ran into data."};

struct FlagName {
    unsigned bit;
    std::string_view name;
};
constexpr auto flag_names = std::to_array<FlagName>(
    {FlagName{21, "ID"}, FlagName{18, "AC"}, FlagName{17, "VM"}, FlagName{16, "RF"}, FlagName{14, "NT"},
     FlagName{11, "OF"}, FlagName{10, "DF"}, FlagName{9, "IF"}, FlagName{8, "TF"}, FlagName{7, "SF"}, FlagName{6, "ZF"},
     FlagName{4, "AF"}, FlagName{2, "PF"}, FlagName{0, "CF"}});

} // namespace

AccessKind access_of(const TrapFrame& page_fault) {
    if ((page_fault.error_code & page_fault_fetch) != 0 || page_fault.eip == page_fault.fault_address) {
        return AccessKind::fetch;
    }
    return (page_fault.error_code & page_fault_write) != 0 ? AccessKind::write : AccessKind::read;
}

void print_to(Sink& sink, const PageFaultCode& code) {
    print(sink, "{:#x}", code.raw);
    std::string_view separator = ": ";
    for (const PageFaultBit& bit : page_fault_bits) {
        const bool set = (code.raw & bit.mask) != 0;
        const std::string_view text = set ? bit.if_set : bit.if_clear;
        if (!text.empty()) {
            print(sink, "{}{}={} {}", separator, bit.name, set ? 1 : 0, text);
            separator = ", ";
        }
    }
}

void print_to(Sink& sink, const SelectorErrorCode& code) {
    print(sink, "{:#x}: ", code.raw);
    if (code.raw == 0) {
        print(sink, "no selector or gate is to blame");
        return;
    }
    constexpr std::array<std::string_view, 3> tables{"GDT", "LDT", "IDT"};
    print(sink, "entry {} of the {}, {}", code.index(), tables[static_cast<std::size_t>(code.table())],
          code.external() ? "while an event from outside was delivered" : "by the program itself");
    if (code.table() == SelectorErrorCode::Table::idt) {
        print(sink, " (vector {:#x})", code.index());
    }
}

bool has_selector_error_code(std::uint32_t vector) {
    return vector == vector::invalid_tss || vector == vector::segment_not_present || vector == vector::stack_segment ||
           vector == vector::general_protection;
}

const ExceptionText& text_of_exception(std::uint32_t vector) {
    for (const ExceptionText& text : exception_texts) {
        if (text.vector == vector) {
            return text;
        }
    }
    return unnamed;
}

void print_to(Sink& sink, const Eflags& flags) {
    std::string_view separator;
    for (const FlagName& flag : flag_names) {
        if ((flags.raw >> flag.bit & 1U) != 0) {
            print(sink, "{}{}", separator, flag.name);
            separator = " ";
        }
    }
    if (const std::uint32_t level = flags.raw >> 12U & 3U; level != 0) {
        print(sink, "{}IOPL={}", separator, level);
    }
}

} // namespace quire
