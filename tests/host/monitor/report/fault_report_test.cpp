// The report says what it should, word for word, and fits a terminal.
#include "kernel/monitor/report/fault_report.h"
#include "kernel/monitor/report/trap_text.h"
#include "tests/host/monitor/report/fault_sample.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace quire {
namespace {

using test::SampleFault;

std::string report_of(const SampleFault& fault) {
    test::StringSink sink;
    print_report(sink, fault.facts);
    std::istringstream lines(sink.text());
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(line.size() < 80);
    }
    return sink.text();
}

// With every line break and run of spaces made one space.
std::string unwrapped(const std::string& text) {
    std::string words;
    std::istringstream stream(text);
    for (std::string word; stream >> word;) {
        words += (words.empty() ? "" : " ") + word;
    }
    return words;
}

std::string summary_of(std::uint32_t address, std::uint32_t error_code) {
    test::StringSink sink;
    print(sink, "{}", TrapSummary{SampleFault(address, error_code).trap});
    return sink.text();
}

MappedRun run(Page first, std::uint32_t count, Protection protection) {
    return {.first = first, .count = count, .frame = Frame(1), .protection = protection, .large = false};
}

TEST_CASE("the report on a null pointer", "[report]") {
    SampleFault fault(0x10, page_fault_write);
    fault.facts.address->above = run(Page(0xC0001), 256, protection::kernel_data);
    CHECK(report_of(fault) == R"(
--- page fault (#PF) ---
The kernel wrote to 0x00000010, where nothing is mapped.
Likely cause: member of a null pointer: a null pointer to an object or array
              was used; the small address is the offset of the member or
              element.
  EIP         0xc0101234 provoke+0x34
  error code  0x2: P=0 no translation: not present, W/R=1 a write, U/S=0 by the
              kernel
  address     0x00000010 in null guard (0x00000000 to 0x003fffff): never
              mapped: null pointers fault
  PDE 0       0x00000000 at P:00150000: not present
  below       nothing is mapped
  above       0xc0001000 to 0xc0100fff rw kernel global, direct map (1 MiB)
  registers   eax 00000000  ebx 00000000  ecx 00000000  edx 00000000
              esi 00000000  edi 00000000  ebp c0140f98  esp c0140f80
              cr2 00000010  cr3 00150000  eflags 00000246 IF ZF PF
              cs 0008  ds 0010  es 0010  fs 0010  gs 0010
  backtrace   0xc0101234 provoke+0x34
              0xc0101310 run_command+0x10
)");
}

TEST_CASE("the report on a write to code", "[report]") {
    SampleFault fault(0xC0101010, page_fault_write | page_fault_present);
    fault.map(Frame(0x101), protection::kernel_text, Owner::kernel);
    fault.facts.address->here = run(Page(0xC0101), 31, protection::kernel_text);
    fault.facts.address->below = run(Page(0xC0001), 256, protection::kernel_data);
    fault.facts.address->above = run(Page(0xC0120), 8, protection::kernel_rodata);
    CHECK(report_of(fault) == R"(
--- page fault (#PF) ---
The kernel wrote to 0xc0101010, which is mapped, but not for writing.
Likely cause: write to code: the kernel's code is mapped read-only; a wild
              pointer, or an attempt to patch it.
  EIP         0xc0101234 provoke+0x34
  error code  0x3: P=1 the page is present, but this access is not allowed,
              W/R=1 a write, U/S=0 by the kernel
  address     0xc0101010 in direct map (0xc0000000 to 0xefffffff): the kernel's
              code
  PDE 768     0x00151003 at P:00150c00: present writable kernel table in frame
              0x151
  PTE 257     0x00101101 at P:00151404: present read-only kernel global to
              frame 0x101
  frame       0x101 at P:00101000; belongs to: kernel image
  mapped run  0xc0101000 to 0xc011ffff r- kernel global, direct map (124 KiB)
  below       0xc0001000 to 0xc0100fff rw kernel global, direct map (1 MiB)
  above       0xc0120000 to 0xc0127fff r- kernel global, direct map (32 KiB)
  registers   eax 00000000  ebx 00000000  ecx 00000000  edx 00000000
              esi 00000000  edi 00000000  ebp c0140f98  esp c0140f80
              cr2 c0101010  cr3 00150000  eflags 00000246 IF ZF PF
              cs 0008  ds 0010  es 0010  fs 0010  gs 0010
  backtrace   0xc0101234 provoke+0x34
              0xc0101310 run_command+0x10
)");
}

TEST_CASE("the report on a call of a null pointer tells who called", "[report]") {
    SampleFault fault(0, 0);
    fault.trap.eip = 0;
    fault.facts.frameless_call = 0xC0101240;
    CHECK(report_of(fault) == R"(
--- page fault (#PF) ---
The kernel jumped to 0x00000000, where nothing is mapped.
Likely cause: null function pointer: a function was called through a pointer
              that was never set.
  EIP         0x00000000
  error code  0x0: P=0 no translation: not present, W/R=0 a read, U/S=0 by the
              kernel (I/D=0 though it was a fetch: the bit needs SMEP or NX)
  address     0x00000000 in null guard (0x00000000 to 0x003fffff): never
              mapped: null pointers fault
  PDE 0       0x00000000 at P:00150000: not present
  below       nothing is mapped
  above       nothing is mapped
  registers   eax 00000000  ebx 00000000  ecx 00000000  edx 00000000
              esi 00000000  edi 00000000  ebp c0140f98  esp c0140f80
              cr2 00000000  cr3 00150000  eflags 00000246 IF ZF PF
              cs 0008  ds 0010  es 0010  fs 0010  gs 0010
  backtrace   0x00000000
              0xc0101240 provoke+0x40
              0xc0101310 run_command+0x10
)");
}

TEST_CASE("the report on an exception without an address", "[report]") {
    SampleFault fault(machine::vector::general_protection);
    fault.trap.error_code = 0xFFF8;
    CHECK(report_of(fault) == R"(
--- general protection fault (#GP) ---
A general protection fault: the processor refused what was asked for.
Likely cause: bad selector: a segment register was loaded with a selector that
              its table does not offer.
  EIP         0xc0101234 provoke+0x34
  error code  0xfff8: entry 8191 of the GDT, by the program itself
  registers   eax 00000000  ebx 00000000  ecx 00000000  edx 00000000
              esi 00000000  edi 00000000  ebp c0140f98  esp c0140f80
              cr2 00000000  cr3 00150000  eflags 00000246 IF ZF PF
              cs 0008  ds 0010  es 0010  fs 0010  gs 0010
  backtrace   0xc0101234 provoke+0x34
              0xc0101310 run_command+0x10
)");
}

TEST_CASE("the report on freed heap memory names the block and who freed it", "[report]") {
    SampleFault fault(0xF1000010, 0);
    HeapBlock& block = fault.facts.address->block.emplace();
    fault.facts.address->block_start = VirtAddr(0xF1000000);
    block.requested = 8192;
    CHECK(report_of(fault).find("  heap        in a freed block of 8,192 bytes at 0xf1000000\n") != std::string::npos);
    block.state = HeapBlock::State::live;
    block.allocated = block.freed = std::source_location::current();
    const std::string report = unwrapped(report_of(fault));
    CHECK(report.find("heap in a live block of 8,192 bytes at 0xf1000000") != std::string::npos);
    CHECK(report.find("allocated at") != std::string::npos);
    CHECK(report.find("freed at") != std::string::npos);
}

TEST_CASE("the report says what RAM, if any, lies behind an unmapped part of the direct map", "[report]") {
    SampleFault fault(0xEF000010, 0);
    fault.facts.address->frame = Frame(0x2F000);
    CHECK(unwrapped(report_of(fault)).find("frame 0x2f000 at P:2f000000 would be here; belongs to: nobody, no RAM") !=
          std::string::npos);
}

TEST_CASE("an address in the image is said to be in its part", "[report]") {
    const auto part_of = [](std::uint32_t address) {
        const std::string report = report_of(SampleFault(address, 0));
        const std::size_t from = report.find("0xefffffff):") + 12;
        std::string part = report.substr(from, report.find("\n  PDE") - from);
        return unwrapped(part);
    };
    CHECK(part_of(0xC0101000) == "the kernel's code");
    CHECK(part_of(0xC0120000) == "the kernel's constants");
    CHECK(part_of(0xC0128000) == "the kernel's variables");
    CHECK(part_of(0xC0130FFF) == "guard page of the boot stack");
    CHECK(part_of(0xC0131000) == "boot stack");
    CHECK(part_of(0xC0141000) == "guard page of the double-fault stack");
    CHECK(part_of(0xC0142000) == "double-fault stack");
    CHECK(part_of(0xC0000000) == "the first 768 MiB of RAM, and the kernel in it");
}

TEST_CASE("a trap is summed up in one sentence", "[report]") {
    CHECK(summary_of(0x10, 0) == "The kernel read from 0x00000010, where nothing is mapped.");
    CHECK(summary_of(0x10, 2) == "The kernel wrote to 0x00000010, where nothing is mapped.");
    CHECK(summary_of(0xC0101234, 0) == "The kernel jumped to 0xc0101234, where nothing is mapped.");
    CHECK(summary_of(0xC0101000, 3) == "The kernel wrote to 0xc0101000, which is mapped, but not for writing.");
    CHECK(summary_of(0xC0101000, 5) == "A program read from 0xc0101000, which is mapped, but not for that.");
    CHECK(summary_of(0x401000, 9) == "The kernel read from 0x00401000, whose entry has a reserved bit set.");
    test::StringSink sink;
    print(sink, "{}", TrapSummary{SampleFault(machine::vector::divide_error).trap});
    CHECK(sink.text() == "A division by zero, or one whose quotient does not fit its register.");
}

} // namespace
} // namespace quire
