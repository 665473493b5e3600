// Writes the report, one labelled section after the other. See fault_report.h.
#include "kernel/monitor/report/fault_report.h"

#include "kernel/lib/wrap.h"
#include "kernel/memory/frames/address_text.h"
#include "kernel/memory/paging/entry.h"
#include "kernel/monitor/report/fault_cause.h"
#include "kernel/monitor/report/trap_text.h"

#include <source_location>

namespace quire {

namespace {

constexpr std::size_t terminal_width = 80;
constexpr std::size_t label_width = 14; // of the column with the names of the sections

// Starts a section: "  error code  ".
void label(Sink& sink, std::string_view name) {
    print(sink, "  {:12}", name);
}

std::string_view verb_of(AccessKind access) {
    switch (access) {
    case AccessKind::read: return "read from";
    case AccessKind::write: return "wrote to";
    case AccessKind::fetch: return "jumped to";
    }
    return "";
}

// The part of the kernel's image an address lies in; empty outside of it.
std::string_view image_part(VirtAddr address, const machine::KernelImage& image) {
    if (image.stack_guard.contains(address)) {
        return "guard page of the boot stack";
    }
    if (image.double_fault_guard.contains(address)) {
        return "guard page of the double-fault stack";
    }
    if (image.boot_stack.contains(address)) {
        return "boot stack";
    }
    if (image.double_fault_stack.contains(address)) {
        return "double-fault stack";
    }
    if (image.text.contains(address)) {
        return "the kernel's code";
    }
    if (image.rodata.contains(address)) {
        return "the kernel's constants";
    }
    return image.data.contains(address) ? "the kernel's variables" : "";
}

void print_address(Sink& sink, const AddressFacts& facts, const machine::KernelImage& image) {
    const Area& area = area_of(facts.address);
    label(sink, "address");
    print(sink, "{} in {} ({} to {}): ", facts.address, area.name, area.first, area.last);
    if (const std::string_view part = image_part(facts.address, image); !part.empty()) {
        print(sink, "{}\n", part);
    } else {
        print(sink, "{}\n", area.purpose);
    }
}

void print_step(Sink& sink, const WalkStep& step) {
    print(sink, "  {} {:<8}", step.kind == EntryKind::page ? "PTE" : "PDE", step.index);
    print(sink, "{:#010x} at {}: {}\n", step.entry.raw(), step.at, EntryText{step.entry, step.kind});
}

void print_walk(Sink& sink, const Walk& walk) {
    print_step(sink, walk.directory);
    if (walk.table) {
        print_step(sink, *walk.table);
    }
}

void print_frame(Sink& sink, const AddressFacts& facts) {
    if (!facts.frame) {
        return;
    }
    label(sink, "frame");
    print(sink, "{:#x} at {}{}; belongs to: {}\n", facts.frame->number(), facts.frame->start(),
          facts.translation ? "" : " would be here",
          facts.owner == Owner::absent ? "nobody, no RAM is there" : name_of(facts.owner));
}

void print_site(Sink& sink, std::string_view what, const std::source_location& site) {
    if (site.line() != 0) {
        print(sink, ", {} at {}:{}", what, site.file_name(), site.line());
    }
}

void print_block(Sink& sink, const AddressFacts& facts) {
    if (!facts.block) {
        return;
    }
    const HeapBlock& block = *facts.block;
    label(sink, "heap");
    print(sink, "{} {} block of {:,} bytes at {}", facts.address < facts.block_start ? "before a" : "in a",
          block.state == HeapBlock::State::live ? "live" : "freed", block.requested, facts.block_start);
    print_site(sink, "allocated", block.allocated);
    print_site(sink, "freed", block.freed);
    print(sink, "\n");
}

void print_run(Sink& sink, std::string_view name, const std::optional<MappedRun>& run) {
    label(sink, name);
    if (!run) {
        print(sink, "nothing is mapped\n");
        return;
    }
    print(sink, "{} to {:#010x} {}, {} ({})\n", run->first.start(), run->end().start().value() - 1, run->protection,
          area_of(run->first.start()).name, ByteCount{std::uint64_t{run->count} * page_size});
}

void print_callers(Sink& sink, const FaultFacts& facts) {
    label(sink, "backtrace");
    print(sink, "{}\n", CodeAddress{.address = facts.trap.eip, .names = facts.names});
    constexpr std::string_view indent = "              ";
    static_assert(indent.size() == label_width);
    if (facts.frameless_call) {
        print(sink, "{}{}\n", indent,
              CodeAddress{.address = *facts.frameless_call, .names = facts.names, .is_return_address = true});
    }
    print_backtrace(sink, facts.backtrace, facts.names, indent);
}

} // namespace

void print_error_code(Sink& sink, const machine::TrapFrame& trap) {
    if (trap.vector == machine::vector::page_fault) {
        label(sink, "error code");
        print(sink, "{}", PageFaultCode{trap.error_code});
        const bool untold_fetch = access_of(trap) == AccessKind::fetch && (trap.error_code & page_fault_fetch) == 0;
        print(sink, "{}\n", untold_fetch ? " (I/D=0 though it was a fetch: the bit needs SMEP or NX)" : "");
    } else if (has_selector_error_code(trap.vector)) {
        label(sink, "error code");
        print(sink, "{}\n", SelectorErrorCode{trap.error_code});
    }
}

void print_registers(Sink& sink, const machine::TrapFrame& trap, PhysAddr directory) {
    label(sink, "registers");
    print(sink, "eax {:08x}  ebx {:08x}  ecx {:08x}  edx {:08x}\n", trap.eax, trap.ebx, trap.ecx, trap.edx);
    label(sink, "");
    print(sink, "esi {:08x}  edi {:08x}  ebp {:08x}  esp {:08x}\n", trap.esi, trap.edi, trap.ebp, trap.esp());
    label(sink, "");
    print(sink, "cr2 {:08x}  cr3 {:08x}  eflags {:08x} {}\n", trap.fault_address, directory.value(), trap.eflags,
          Eflags{trap.eflags});
    label(sink, "");
    print(sink, "cs {:04x}  ds {:04x}  es {:04x}  fs {:04x}  gs {:04x}\n", trap.cs & 0xFFFFU, trap.ds & 0xFFFFU,
          trap.es & 0xFFFFU, trap.fs & 0xFFFFU, trap.gs & 0xFFFFU);
}

void print_to(Sink& sink, const TrapSummary& summary) {
    const machine::TrapFrame& trap = summary.trap;
    if (trap.vector != machine::vector::page_fault) {
        print(sink, "{}", text_of_exception(trap.vector).what);
        return;
    }
    const bool user = (trap.error_code & page_fault_user) != 0;
    print(sink, "{} {} {:#010x}, ", user ? "A program" : "The kernel", verb_of(access_of(trap)), trap.fault_address);
    if ((trap.error_code & page_fault_present) == 0) {
        print(sink, "where nothing is mapped.");
    } else if ((trap.error_code & page_fault_reserved) != 0) {
        print(sink, "whose entry has a reserved bit set.");
    } else if (access_of(trap) == AccessKind::write) {
        print(sink, "which is mapped, but not for writing.");
    } else {
        print(sink, "which is mapped, but not for that.");
    }
}

void print_report(Sink& out, const FaultFacts& facts) {
    WrapSink sink(out, terminal_width - 1, label_width);
    const machine::TrapFrame& trap = facts.trap;
    const Cause cause = likely_cause(facts);
    print(sink, "\n--- {} ({}) ---\n", machine::exception_name(trap.vector), machine::exception_mnemonic(trap.vector));
    print(sink, "{}\n", TrapSummary{trap});
    print(sink, "Likely cause: {}{}{}\n", cause.name, cause.name.empty() ? "" : ": ", cause.sentence);
    label(sink, "EIP");
    print(sink, "{}\n", CodeAddress{.address = trap.eip, .names = facts.names});
    print_error_code(sink, trap);
    if (facts.address) {
        print_address(sink, *facts.address, facts.image);
        print_walk(sink, facts.address->walk);
        print_frame(sink, *facts.address);
        print_block(sink, *facts.address);
        if (facts.address->here) {
            print_run(sink, "mapped run", facts.address->here);
        }
        print_run(sink, "below", facts.address->below);
        print_run(sink, "above", facts.address->above);
    }
    print_registers(sink, trap, facts.directory);
    print_callers(sink, facts);
}

} // namespace quire
