// The kernel's stacks on the host: each machine::Context that was prepared has a stack of its own, and switching to it
// runs the kernel there (ucontext). An exception that nobody on such a stack caught comes out of the test's own.
#pragma once

#include "kernel/machine/user.h"

#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <ucontext.h>
#include <vector>

namespace quire::test {

class HostStacks {
public:
    HostStacks() = default;
    ~HostStacks();
    HostStacks(const HostStacks&) = delete;
    HostStacks& operator=(const HostStacks&) = delete;

    // See machine::prepare_context() and switch_context().
    void prepare(machine::Context& context, void (*entry)(void*), void* argument);
    void switch_to(machine::Context& from, machine::Context& to);

    // How many have a stack: a context that will not run again keeps its own until another is prepared in its place.
    [[nodiscard]] std::size_t count() const { return stacks_.size(); }

private:
    static constexpr std::size_t stack_bytes = 256U << 10; // with the sanitizers, frames are large

    struct Stack {
        ucontext_t registers{};
        std::vector<std::byte> bytes; // empty: the test's own
        void (*entry)(void*) = nullptr;
        void* argument = nullptr;
        void* fake_stack = nullptr; // AddressSanitizer's
        // Where the stack lies, for AddressSanitizer.
        const void* bottom = nullptr;
        std::size_t size = 0;
    };

    static void begin(unsigned low, unsigned high);
    void arrive();
    void leave_for(Stack& to);

    std::map<const machine::Context*, std::unique_ptr<Stack>> stacks_;
    Stack* current_ = nullptr;
    Stack* own_ = nullptr; // the test's
    std::exception_ptr escaped_;
};

} // namespace quire::test
