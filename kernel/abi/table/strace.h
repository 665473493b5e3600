// strace: a line on the console for each system call of a process that is watched: its name, its arguments as a person
// reads them, its answer. Costs nothing for processes that are not.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/machine/trap.h"
#include "kernel/process/process.h"

#include <array>
#include <cstdint>

namespace quire::abi {

// "mmap2(0, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)". Text is read from the current program; what
// cannot be read is shown as its address.
void print_call(Sink& sink, const machine::TrapFrame& registers, std::uint32_t number);
// "0x20000000", "3", "-1 ENOENT (not found)".
void print_answer(Sink& sink, std::int32_t answer);

// One call of a watched process. What it is called with is read before it is served, for it may change that; the line
// is written in one piece when it is done, so that lines of several processes do not mix. A call that does not come
// back is written before.
class CallTrace {
public:
    CallTrace(const Process& process, const machine::TrapFrame& registers, std::uint32_t number);
    void finish(std::int32_t answer);

private:
    std::array<char, 320> buffer_{};
    BufferSink line_;
};

} // namespace quire::abi
