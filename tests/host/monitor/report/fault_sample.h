// A kernel image, its symbols and page tables as they might be, for tests of what is said about faults in them.
#pragma once

#include "kernel/monitor/report/fault_facts.h"
#include "tests/host/support/symbol_words.h"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace quire::test {

inline constexpr machine::KernelImage sample_image{
    .whole = {VirtAddr(0xC0100000), VirtAddr(0xC0150000)},
    .text = {VirtAddr(0xC0101000), VirtAddr(0xC0120000)},
    .rodata = {VirtAddr(0xC0120000), VirtAddr(0xC0128000)},
    .data = {VirtAddr(0xC0128000), VirtAddr(0xC0150000)},
    .boot_stack = {VirtAddr(0xC0131000), VirtAddr(0xC0141000)},
    .stack_guard = {VirtAddr(0xC0130000), VirtAddr(0xC0131000)},
    .double_fault_stack = {VirtAddr(0xC0142000), VirtAddr(0xC0144000)},
    .double_fault_guard = {VirtAddr(0xC0141000), VirtAddr(0xC0142000)},
};

// One exception, on a healthy stack, with nothing known about any address until a test says more.
class SampleFault {
    test::SymbolWords symbols_{{{0xC0101000, "start"}, {0xC0101200, "provoke"}, {0xC0101300, "run_command"}}};

public:
    machine::TrapFrame trap{};
    FaultFacts facts;

    explicit SampleFault(std::uint32_t vector)
        : facts{.trap = trap,
                .image = sample_image,
                .names = {.symbols = symbols_.table(), .text = sample_image.text},
                .directory = PhysAddr(0x00150000),
                .backtrace = {},
                .frameless_call = {},
                .address = {}} {
        trap.vector = vector;
        trap.eip = 0xC0101234;
        trap.cs = 0x08;
        trap.ds = trap.es = trap.fs = trap.gs = 0x10;
        trap.eflags = 0x246;
        trap.ebp = 0xC0140F98;
        set_esp(0xC0140F80);
        facts.backtrace.calls[0] = {.return_address = 0xC0101310, .times = 1};
        facts.backtrace.count = 1;
    }
    SampleFault(const SampleFault&) = delete;
    SampleFault& operator=(const SampleFault&) = delete;

    // A page fault at `address` that no entry translates.
    SampleFault(std::uint32_t address, std::uint32_t error_code) : SampleFault(machine::vector::page_fault) {
        trap.fault_address = address;
        trap.error_code = error_code;
        AddressFacts& place = facts.address.emplace();
        place.address = VirtAddr(address);
        place.walk = {.address = VirtAddr(address),
                      .directory = {.kind = EntryKind::table,
                                    .index = address >> 22U,
                                    .at = PhysAddr(0x00150000 + (address >> 22U) * 4),
                                    .entry = Entry()},
                      .table = {}};
    }

    void set_esp(std::uint32_t esp) { trap.esp_at_pushad = esp - machine::TrapFrame::pushed_above_pushad; }

    // The address is mapped after all, by a 4 KiB page.
    void map(Frame frame, Protection protection, Owner owner) {
        AddressFacts& place = *facts.address;
        const std::uint32_t address = place.address.value();
        place.walk.directory.entry = Pde::for_table(Frame(0x151), protection.user);
        place.walk.table = {.kind = EntryKind::page,
                            .index = address >> 12U & 1023U,
                            .at = PhysAddr(0x00151000 + (address >> 12U & 1023U) * 4),
                            .entry = Pte::for_page(frame, protection)};
        place.translation = {.address = frame.start() + place.address.offset_in_page(), .protection = protection};
        place.frame = frame;
        place.owner = owner;
    }
};

} // namespace quire::test
