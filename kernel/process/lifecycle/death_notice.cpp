// Why a fault ended a program, in words: what it did, where, and what is there.
#include "kernel/process/lifecycle/death_notice.h"

#include "kernel/machine/trap.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/process/notice.h"
#include "kernel/process/process_table.h"

namespace quire {

namespace {

constexpr std::uint32_t code_present = 1, code_write = 2; // Intel SDM vol. 3A §4.7

std::string_view deed(const SignalInfo& info, const machine::TrapFrame& registers) {
    if ((info.error_code & code_write) != 0) {
        return "wrote to";
    }
    return info.address == registers.eip ? "jumped to" : "read from";
}

void print_region(Sink& out, const Region& region) {
    print(out, "{} region {:#010x}-{:#010x}", region.traits.access, region.first.start().value(),
          region.end().start().value() - 1);
    if (region.object != nullptr) {
        print(out, " of ");
        region.object->print_name(out);
    }
}

// The regions next to an address in none: an overrun begins where one ends.
void explain_hole(Sink& out, const AddressSpace& space, VirtAddr address) {
    const Region* below = nullptr;
    const Region* above = nullptr;
    space.for_each_region([&](const Region& each) {
        if (each.end().start() <= address) {
            below = &each;
        } else if (above == nullptr) {
            above = &each;
        }
    });
    constexpr std::uint32_t near = 64U << 10; // bytes
    print(out, "nothing is mapped there");
    if (address.value() < page_size) {
        print(out, ": a null pointer");
    } else if (below != nullptr && address - below->end().start() < near) {
        print(out, "; {} bytes behind the end of the ", address - below->end().start() + 1);
        print_region(out, *below);
    } else if (above != nullptr && above->first.start() - address < near) {
        print(out, "; {} bytes before the ", above->first.start() - address);
        print_region(out, *above);
    }
}

void explain_page_fault(Sink& out, const Process& process, const SignalInfo& info,
                        const machine::TrapFrame& registers) {
    const VirtAddr address(info.address);
    print(out, "it {} {:#010x}: ", deed(info, registers), info.address);
    const Region* const region = process.space->find(Page::containing(address));
    if (info.number == signal_number::bus) {
        print(out, "{}",
              info.unreadable ? "the disk did not give that page back as it was"
                              : "the file mapped there has ended before");
    } else if (region != nullptr) {
        print(out, "not allowed in the ");
        print_region(out, *region);
    } else if (address >= VirtAddr(machine::user_end.value())) {
        print(out, "that is not the program's to touch");
    } else {
        explain_hole(out, *process.space, address);
    }
}

} // namespace

void explain_death(const Process& process, const SignalInfo& info, const machine::TrapFrame& registers) {
    const bool of_its_own_making = info.trap != 0 || info.code == signal_code::kernel;
    if ((signal_bit(info.number) & synchronous) == 0 || !of_its_own_making || !process.space) {
        return;
    }
    if (const DeathReporter* const reporter = process.table->death_reporter) {
        reporter->report(process, info, registers);
    }
    Notice out(process.table->console);
    print(out, "{} ends process {} ({}) at {:#010x}: ", signal_name(info.number), process.id, process.title(),
          registers.eip);
    if (info.trap == machine::vector::page_fault) {
        explain_page_fault(out, process, info, registers);
    } else {
        print(out, "{} ({})", machine::exception_name(info.trap), machine::exception_mnemonic(info.trap));
    }
    print(out, "\n");
}

} // namespace quire
