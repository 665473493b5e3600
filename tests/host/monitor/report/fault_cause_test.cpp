// Each kind of fault is given its own cause, and no rule hides one behind it.
#include "kernel/monitor/report/fault_cause.h"
#include "kernel/monitor/report/trap_text.h"
#include "tests/host/monitor/report/fault_sample.h"

#include <catch2/catch.hpp>
#include <string>

namespace quire {
namespace {

using test::SampleFault;

constexpr std::uint32_t read = 0;
constexpr std::uint32_t write = page_fault_write;
constexpr std::uint32_t present = page_fault_present;

std::string cause_of(std::uint32_t address, std::uint32_t error_code) {
    return std::string(likely_cause(SampleFault(address, error_code).facts).name);
}

TEST_CASE("addresses near null are told apart", "[cause]") {
    CHECK(cause_of(0, read) == "null pointer");
    CHECK(cause_of(4, write) == "null pointer");
    CHECK(cause_of(8, read) == "member of a null pointer");
    CHECK(cause_of(0xFFF, read) == "member of a null pointer");
    CHECK(cause_of(0x1000, read) == "null pointer and a large offset");
    CHECK(cause_of(0x3FFFFF, write) == "null pointer and a large offset");
    CHECK(cause_of(0x400000, read) == "user address");
    CHECK(cause_of(0xC0000008, read) == "null physical address");
}

TEST_CASE("fetches are jumps gone wrong", "[cause]") {
    SampleFault null(0, read);
    null.trap.eip = 0;
    CHECK(likely_cause(null.facts).name == "null function pointer");
    SampleFault wild(0xE0001234, read);
    wild.trap.eip = 0xE0001234;
    CHECK(likely_cause(wild.facts).name == "wild jump");
    SampleFault user(0x00401000, page_fault_fetch | present);
    user.map(Frame(0x300), protection::user_read_only, Owner::anonymous);
    CHECK(likely_cause(user.facts).name == "user page executed");
}

TEST_CASE("what is mapped read-only says what it is", "[cause]") {
    SampleFault text(0xC0101010, write | present);
    text.map(Frame(0x101), protection::kernel_text, Owner::kernel);
    CHECK(likely_cause(text.facts).name == "write to code");
    SampleFault rodata(0xC0120010, write | present);
    rodata.map(Frame(0x120), protection::kernel_rodata, Owner::kernel);
    CHECK(likely_cause(rodata.facts).name == "write to a constant");
    SampleFault other(0xF0001000, write | present);
    other.map(Frame(0x400), {}, Owner::test);
    CHECK(likely_cause(other.facts).name == "write to a read-only page");
}

TEST_CASE("an access that the entry permits by now was refused by the TLB", "[cause]") {
    SampleFault fault(0xF0001000, write | present);
    fault.map(Frame(0x400), protection::kernel_data, Owner::heap);
    CHECK(likely_cause(fault.facts).name == "stale translation");
    fault.trap.error_code = read;
    CHECK(likely_cause(fault.facts).name == "stale translation");
    fault.trap.error_code = page_fault_reserved | present;
    CHECK(likely_cause(fault.facts).name == "damaged entry");
}

TEST_CASE("nothing is said of an entry that has gone since the fault", "[cause]") {
    const SampleFault gone(0xF0001000, write | present);
    CHECK(likely_cause(gone.facts).name != "write to a read-only page");
    CHECK(likely_cause(gone.facts).name != "user page touched");
}

TEST_CASE("user and kernel pages are kept apart", "[cause]") {
    SampleFault kernel_touches_user(0x00401000, present);
    kernel_touches_user.map(Frame(0x300), protection::user_data, Owner::anonymous);
    CHECK(likely_cause(kernel_touches_user.facts).name == "user page touched");
    SampleFault user_touches_kernel(0xC0128000, present | page_fault_user);
    user_touches_kernel.map(Frame(0x128), protection::kernel_data, Owner::kernel);
    CHECK(likely_cause(user_touches_kernel.facts).name == "kernel page");
}

TEST_CASE("guard pages tell overflow from stray pointers", "[cause]") {
    SampleFault stray(0xC0130FF0, read);
    CHECK(likely_cause(stray.facts).name == "stack guard touched");
    SampleFault overflow(0xC0130FFC, write);
    overflow.set_esp(0xC0131000);
    CHECK(likely_cause(overflow.facts).name == "stack overflow");
    overflow.set_esp(0xC0120000); // room for 68 KiB of local variables was taken at once
    CHECK(likely_cause(overflow.facts).name == "stack overflow");
    overflow.set_esp(0xC0142800); // a healthy double-fault stack above
    CHECK(likely_cause(overflow.facts).name == "stack guard touched");
    SampleFault upper_guard(0xC0141000, read); // the guard of the stack above the healthy one
    CHECK(likely_cause(upper_guard.facts).name == "stack guard touched");
    SampleFault other_stack(0xF8000FFC, write);
    CHECK(likely_cause(other_stack.facts).name == "unused stack");
    other_stack.facts.address->above = MappedRun{Page(0xF8001), 4, Frame(0x500), protection::kernel_data, false};
    CHECK(likely_cause(other_stack.facts).name == "stack guard touched");
    other_stack.set_esp(0xF8001004);
    CHECK(likely_cause(other_stack.facts).name == "stack overflow");
}

TEST_CASE("every area has its own way to go wrong", "[cause]") {
    CHECK(cause_of(0xEF000000, read) == "beyond RAM");
    SampleFault ram(0xC5000000, read);
    ram.facts.address->owner = Owner::free;
    CHECK(likely_cause(ram.facts).name == "unmapped RAM");
    CHECK(cause_of(0xF1000000, read) == "unused heap memory");
    SampleFault freed(0xF1000000, read);
    freed.facts.address->was_block = true;
    CHECK(likely_cause(freed.facts).name == "freed heap memory");
    CHECK(cause_of(0xFC000000, read) == "unmapped device");
    CHECK(cause_of(0xFF001000, write) == "ended temporary mapping");
    CHECK(cause_of(0xFFFFFFFF, read) == "negative pointer");
    CHECK(cause_of(0x00500000, read | page_fault_user) == "wild pointer");
}

TEST_CASE("pointers made of the heap's filler bytes are known", "[cause]") {
    CHECK(cause_of(0xF5F5F5F5, read) == "pointer from freed memory");
    CHECK(cause_of(0xF5F5F5F5 + 0x40, read) == "pointer from freed memory");
    CHECK(cause_of(0xA1A1A1A1, write) == "pointer never set");
    CHECK(cause_of(0xBDBDBDBD, read) == "pointer from beyond a block");
}

TEST_CASE("double faults are looked at where the stack pointer is", "[cause]") {
    SampleFault overflow(machine::vector::double_fault);
    overflow.trap.fault_address = 0xC0130FFC;
    overflow.set_esp(0xC0131000);
    REQUIRE(has_fault_address(overflow.trap));
    overflow.facts.address.emplace().address = VirtAddr(0xC0130FFC);
    CHECK(likely_cause(overflow.facts).name == "stack overflow");

    SampleFault lost(machine::vector::double_fault);
    lost.trap.fault_address = 0x00000FFC;
    lost.set_esp(0x1000);
    REQUIRE(has_fault_address(lost.trap));
    lost.facts.address.emplace().address = VirtAddr(0x00000FFC);
    CHECK(likely_cause(lost.facts).name == "lost stack");

    SampleFault other(machine::vector::double_fault); // CR2 is of some page fault long ago
    other.trap.fault_address = 0x12345678;
    CHECK_FALSE(has_fault_address(other.trap));
    CHECK(likely_cause(other.facts).name.empty());
}

TEST_CASE("general protection faults are told apart by their error code", "[cause]") {
    SampleFault fault(machine::vector::general_protection);
    CHECK(likely_cause(fault.facts).name == "refused instruction");
    fault.trap.error_code = 0xFFF8;
    CHECK(likely_cause(fault.facts).name == "bad selector");
    fault.trap.error_code = 0x302;
    CHECK(likely_cause(fault.facts).name == "missing gate");
}

TEST_CASE("every exception has a cause", "[cause]") {
    for (std::uint32_t vector = 0; vector < 256; ++vector) {
        const SampleFault fault(vector);
        const Cause cause = likely_cause(fault.facts);
        CHECK(cause.sentence.ends_with('.'));
    }
}

} // namespace
} // namespace quire
