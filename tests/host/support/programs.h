// Programs on the host: what runs in ring 3 of the simulated machine. Each thread's program is run on that thread's own
// stack, touches memory as ring 3 does and makes system calls, so that the kernel's way in and out, its scheduler and
// its waiting are the real ones. What a program does next, a test says.
#pragma once

#include "kernel/process/userland/userland.h"
#include "tests/host/machine/simulated_machine.h"
#include "tests/host/support/booted_torus.h"
#include "tests/host/support/string_sink.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace quire::test {

// The processor in ring 3, as a program sees it. Whatever it does may be the last thing: the process may end in it.
class Processor {
public:
    Processor(BootedTorus& torus, const machine::TrapFrame& registers) : torus_(&torus), registers_(registers) {}

    // Words of memory.
    [[nodiscard]] std::uint32_t read(VirtAddr address);
    void write(VirtAddr address, std::uint32_t word);

    // INT 0x80: returns EAX.
    std::int32_t call(std::uint32_t number, std::uint32_t first = 0, std::uint32_t second = 0, std::uint32_t third = 0,
                      std::uint32_t fourth = 0, std::uint32_t fifth = 0, std::uint32_t sixth = 0);
    // The timer interrupts.
    void tick();

    [[nodiscard]] machine::TrapFrame& registers() { return registers_; }
    // Signal handlers that ran: each returns at once.
    [[nodiscard]] std::uint64_t handled() const { return handled_; }
    // What is pending when ring 3 is entered is done first.
    void settle();

private:
    // The frame that an interruption leaves at the top of the thread's kernel stack.
    machine::TrapFrame& enter_kernel(std::uint32_t vector, std::uint32_t error_code = 0);
    void leave_kernel(machine::TrapFrame& frame);
    template <class Try> void reach(Try&& access);
    void run_call();

    BootedTorus* torus_;
    machine::TrapFrame registers_;
    std::uint64_t handled_ = 0;
};

// Where the instructions of a tiny_program() would begin (as far as the kernel sees, they never get further), where its
// signal handler does, which must be installed with SA_SIGINFO, and what the handler returns to.
inline constexpr std::uint32_t tiny_program_entry = 0x08048100, tiny_program_handler = 0x08048180,
                               tiny_program_restorer = 0x080481C0;

// An ELF program of one page that no processor here runs: what matters is where it lies.
[[nodiscard]] std::string tiny_program();

} // namespace quire::test
