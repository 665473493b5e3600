// A trap is reported as its attempt asks, ends the kernel where nobody expects it, and never reports inside a report.
#include "kernel/machine/provoke.h"
#include "kernel/machine/upcalls.h"
#include "kernel/monitor/commands/provoke.h"
#include "kernel/monitor/report/fault_cause.h"
#include "kernel/trap/attempt.h"
#include "tests/host/support/booted_torus.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace quire {
namespace {

using test::BootedTorus;
using test::PowerOff;
using test::SimulatedMachine;

constexpr std::uint8_t panic_status = 18;

machine::TrapFrame trap_of(std::uint32_t vector) {
    machine::TrapFrame trap{};
    trap.vector = vector;
    trap.eip = machine::kernel_image().text.start.value();
    return trap;
}

// Status the machine is switched off with, or -1 if it is not.
template <class Body> int status_of(Body body) {
    try {
        body();
        return -1;
    } catch (const PowerOff& off) {
        return off.status;
    }
}

TEST_CASE("an attempt that does not trap says nothing", "[trap]") {
    BootedTorus torus;
    bool ran = false;
    CHECK_FALSE(attempt(TrapReport::full, [&] { ran = true; }));
    CHECK(ran);
    CHECK(torus.machine.printed().empty());
}

TEST_CASE("an attempt that traps is told so, with as much text as it asked for", "[trap]") {
    BootedTorus torus;
    const auto quiet = attempt(TrapReport::none, [] { machine::provoke_divide_error(); });
    REQUIRE(quiet);
    CHECK(quiet->vector == machine::vector::divide_error);
    CHECK(torus.machine.printed().empty());

    const auto loud = attempt(TrapReport::full, [] { SimulatedMachine::raise({VirtAddr(0x10), 2}); });
    REQUIRE(loud);
    CHECK(loud->fault_address == 0x10);
    CHECK(torus.machine.printed().find("Likely cause: member of a null pointer") != std::string::npos);
    CHECK(torus->counters.page_faults == 1);
    CHECK(torus->counters.other_exceptions == 1);
    CHECK(machine::cpu_local->reports == 0);
}

TEST_CASE("what the innermost attempt asks for counts, and the outer's comes back", "[trap]") {
    BootedTorus torus;
    CHECK(attempt(TrapReport::full, [&] {
        CHECK(attempt(TrapReport::none, [] { machine::provoke_breakpoint(); }));
        CHECK(torus.machine.printed().empty());
        machine::provoke_breakpoint();
    }));
    CHECK(torus.machine.printed().find("--- breakpoint (#BP) ---") != std::string::npos);
    CHECK(torus->trap_report == TrapReport::full);
}

TEST_CASE("a trap that nobody attempted is reported and ends the kernel", "[trap]") {
    BootedTorus torus;
    machine::TrapFrame trap = trap_of(machine::vector::invalid_opcode);
    CHECK(status_of([&] { static_cast<void>(machine::on_trap(trap)); }) == panic_status);
    CHECK(torus.machine.printed().find("--- invalid opcode (#UD) ---") != std::string::npos);
    CHECK(torus.machine.printed().ends_with("PANIC: invalid opcode that nobody was ready for\n"));
}

TEST_CASE("after a breakpoint that nobody attempted the kernel goes on", "[trap]") {
    BootedTorus torus;
    machine::TrapFrame trap = trap_of(machine::vector::breakpoint);
    CHECK(machine::on_trap(trap) == machine::TrapAction::resume);
    CHECK(torus.machine.printed().find("--- breakpoint (#BP) ---") != std::string::npos);
}

TEST_CASE("a trap inside of a report is one line and the end, even in an attempt", "[trap]") {
    BootedTorus torus;
    machine::cpu_local->reports = 1;
    CHECK(status_of([] { static_cast<void>(attempt(TrapReport::none, [] { machine::provoke_divide_error(); })); }) ==
          panic_status);
    const std::string& printed = torus.machine.printed();
    CHECK(printed.find("PANIC: divide error at 0x") != std::string::npos);
    CHECK(printed.find("inside another report") != std::string::npos);
    CHECK(printed.find("registers") == std::string::npos);
}

TEST_CASE("a trap before there is a torus is reported without its memory", "[trap]") {
    SimulatedMachine machine;
    const auto trapped = attempt(TrapReport::none, [] { SimulatedMachine::raise({VirtAddr(0x10), 0}); });
    REQUIRE(trapped);
    CHECK(machine.printed().find("--- page fault (#PF) ---") != std::string::npos);
    CHECK(machine.printed().find("PDE") == std::string::npos);
}

TEST_CASE("every fault kind has a name of its own, and can be found by it", "[provoke]") {
    std::set<std::string_view> names;
    for (const FaultKind& kind : fault_kinds()) {
        CHECK(names.insert(kind.name).second);
        CHECK(find_fault_kind(kind.name) == &kind);
        CHECK_FALSE(kind.what.empty());
    }
    CHECK(find_fault_kind("no such kind") == nullptr);
    CHECK(find_fault_kind("") == nullptr);
}

TEST_CASE("the exceptions that the simulated machine raises come back as promised", "[provoke]") {
    BootedTorus torus;
    for (const char* const name :
         {"divide", "overflow", "bound", "opcode", "breakpoint", "debug", "selector", "interrupt"}) {
        torus.machine.clear_printed();
        CAPTURE(name);
        CHECK(provoke(*find_fault_kind(name), *torus));
        CHECK(torus.machine.printed().find("Likely cause: " + std::string(find_fault_kind(name)->cause)) !=
              std::string::npos);
    }
}

} // namespace
} // namespace quire
