// Prints the sections of the report. Everything is read through the books, so that it changes nothing in the program.
#include "kernel/monitor/report/program_report.h"

#include "kernel/lib/wrap.h"
#include "kernel/machine/mmu.h"
#include "kernel/memory/paging/entry.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/monitor/console/console_sink.h"
#include "kernel/monitor/report/backtrace.h"
#include "kernel/monitor/report/fault_report.h"
#include "kernel/monitor/report/page_walk.h"
#include "kernel/monitor/report/trap_text.h"
#include "kernel/process/lifecycle/death_notice.h"
#include "kernel/torus/torus.h"

#include <array>
#include <bit>

namespace quire {

namespace {

constexpr std::size_t terminal_width = 80, label_width = 14;

// What the program has in memory, as far as it is there.
class ProgramMemory final : public MemoryReader {
public:
    ProgramMemory(const AddressSpace& space, PhysicalMemory& physical) : space_(space), physical_(physical) {}

    [[nodiscard]] std::optional<std::uint32_t> word(VirtAddr address) const override {
        std::array<std::byte, sizeof(std::uint32_t)> bytes{};
        const Page page = Page::containing(address);
        if (address.offset_in_page() > page_size - bytes.size() || space_.find(page) == nullptr) {
            return std::nullopt;
        }
        const PageState state = space_.page_state(page);
        if (!state.resident) {
            return std::nullopt;
        }
        physical_.read(state.frame, address.offset_in_page(), bytes);
        return std::bit_cast<std::uint32_t>(bytes);
    }

private:
    const AddressSpace& space_;
    PhysicalMemory& physical_;
};

void label(Sink& sink, std::string_view name) {
    print(sink, "  {:12}", name);
}

// An address, the region it is in, and where in its file that is.
void print_place(Sink& sink, const AddressSpace& space, std::uint32_t address) {
    print(sink, "{:#010x}", address);
    const Page page = Page::containing(VirtAddr(address));
    const Region* const region = space.find(page);
    if (region == nullptr) {
        print(sink, " in no region\n");
        return;
    }
    print(sink, " in {} region {:#010x}-{:#010x}", region->traits.access, region->first.start().value(),
          region->end().start().value() - 1);
    if (region->object != nullptr) {
        print(sink, ", byte {:#x} of ", region->object_index(page) * page_size + VirtAddr(address).offset_in_page());
        region->object->print_name(sink);
    }
    print(sink, "\n");
}

void print_walk(Sink& sink, std::string_view name, PhysicalMemory& physical, VirtAddr address) {
    const HandWalk walk = walk_by_hand(physical, machine::page_directory(), address);
    label(sink, name);
    print(sink, "PDE {:4} {:#010x}: {}\n", walk.directory_index, walk.directory_entry,
          EntryText{Entry(walk.directory_entry), EntryKind::table});
    if (walk.has_table) {
        label(sink, "");
        print(sink, "PTE {:4} {:#010x}: {}\n", walk.table_index, walk.table_entry,
              EntryText{Entry(walk.table_entry), EntryKind::page});
    }
}

void print_stack(Sink& sink, const ProgramMemory& memory, std::uint32_t stack_pointer) {
    constexpr std::uint32_t words = 8, word_size = sizeof(std::uint32_t);
    label(sink, "stack");
    for (std::uint32_t at = 0; at < words; ++at) {
        if (const auto word = memory.word(VirtAddr(stack_pointer + at * word_size))) {
            print(sink, "{}{:08x}", at == 0 ? "" : " ", *word);
        } else {
            print(sink, "{}--------", at == 0 ? "" : " ");
        }
    }
    print(sink, "\n");
}

void print_callers(Sink& sink, const AddressSpace& space, const ProgramMemory& memory, std::uint32_t frame_pointer) {
    const Backtrace trace = walk_stack(memory, frame_pointer);
    label(sink, "called from");
    std::string_view indent;
    for (std::size_t at = 0; at < trace.count; ++at) {
        print(sink, "{}", indent);
        print_place(sink, space, trace.calls[at].return_address);
        indent = "              ";
    }
    if (trace.end != Backtrace::End::outermost) {
        print(sink, "{}(EBP {:08x} leads no further)\n", indent, trace.last_frame_pointer);
    } else if (trace.count == 0) {
        print(sink, "nobody: EBP is 0\n");
    }
}

class ProgramReport final : public DeathReporter {
public:
    void report(const Process& process, const SignalInfo& info, const machine::TrapFrame& registers) const override;
};

void ProgramReport::report(const Process& process, const SignalInfo& info, const machine::TrapFrame& registers) const {
    ConsoleSink wire;
    WrapSink sink(wire, terminal_width - 1, label_width);
    const AddressSpace& space = *process.space;
    PhysicalMemory& physical = process.table->memory().physical;
    const ProgramMemory memory(space, physical);
    print(sink, "\n--- {}: {} ({}) in process {} ({}) ---\n", signal_name(info.number),
          machine::exception_name(info.trap), machine::exception_mnemonic(info.trap), process.id, process.title());
    label(sink, "EIP");
    print_place(sink, space, registers.eip);
    print_walk(sink, "fetched at", physical, VirtAddr(registers.eip + machine::user_code_base));
    machine::TrapFrame trap = registers;
    trap.vector = info.trap;
    trap.error_code = info.error_code;
    trap.fault_address = info.address;
    print_error_code(sink, trap);
    if (info.trap == machine::vector::page_fault) {
        label(sink, "address");
        print_place(sink, space, info.address);
        print_walk(sink, "as data", physical, VirtAddr(info.address));
    }
    print_registers(sink, trap, machine::page_directory());
    print_stack(sink, memory, registers.user_esp);
    print_callers(sink, space, memory, registers.ebp);
}

constexpr ProgramReport program_report;

} // namespace

void report_program_faults(Userland& userland, bool wanted) {
    userland.processes.death_reporter = wanted ? &program_report : nullptr;
}

} // namespace quire
