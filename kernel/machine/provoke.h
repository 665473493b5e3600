// Instructions that make the processor raise one exception each, for people who want to see what happens then. Every
// one is meant to run inside machine::attempt(); those that come back at all come back having changed nothing.
#pragma once

#include <cstdint>

namespace quire::machine {

extern "C" {

void provoke_divide_error();       // #DE: DIV by zero
void provoke_debug();              // #DB: one instruction with the trap flag set
void provoke_breakpoint();         // #BP: INT3
void provoke_overflow();           // #OF: INTO with the overflow flag set
void provoke_bound();              // #BR: BOUND with an index outside
void provoke_invalid_opcode();     // #UD: UD2
void provoke_general_protection(); // #GP(selector): loads FS with a selector beyond the end of the GDT
void provoke_empty_gate();         // #GP(gate): INT to a vector that has no gate in the IDT

// #DF: pushes on a stack whose top is `stack_top`. With nothing mapped below it the push faults, and the processor
// cannot push that page fault either.
void provoke_double_fault(std::uint32_t stack_top);

} // extern "C"

} // namespace quire::machine
