// The report on an exception, like a teacher's: what happened, the likely cause, what every bit says, and what lies
// around. Prints facts that were gathered before (fault_facts.h); finds out nothing itself.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/machine/trap.h"
#include "kernel/monitor/report/fault_facts.h"

namespace quire {

// One sentence: "The kernel wrote to 0x00000010, where nothing is mapped."
struct TrapSummary {
    const machine::TrapFrame& trap;
};
void print_to(Sink& sink, const TrapSummary& summary);

// Two of its sections: what the error code says, where there is one, and the registers.
void print_error_code(Sink& sink, const machine::TrapFrame& trap);
void print_registers(Sink& sink, const machine::TrapFrame& trap, PhysAddr directory);

// The whole report, wrapped to 80 columns.
void print_report(Sink& sink, const FaultFacts& facts);

} // namespace quire
