// Contexts switched by ucontext, and told to AddressSanitizer.
#include "tests/host/machine/host_stacks.h"

#include <cstdint>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace quire::test {

namespace {

void start_switch([[maybe_unused]] void** fake_stack, [[maybe_unused]] const void* bottom,
                  [[maybe_unused]] std::size_t size) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(fake_stack, bottom, size);
#endif
}

void finish_switch([[maybe_unused]] void* fake_stack, [[maybe_unused]] const void** old_bottom,
                   [[maybe_unused]] std::size_t* old_size) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake_stack, old_bottom, old_size);
#endif
}

} // namespace

HostStacks::~HostStacks() = default;

void HostStacks::prepare(machine::Context& context, void (*entry)(void*), void* argument) {
    auto stack = std::make_unique<Stack>();
    stack->bytes.resize(stack_bytes);
    stack->bottom = stack->bytes.data();
    stack->size = stack->bytes.size();
    stack->entry = entry;
    stack->argument = argument;
    getcontext(&stack->registers);
    stack->registers.uc_stack.ss_sp = stack->bytes.data();
    stack->registers.uc_stack.ss_size = stack->bytes.size();
    stack->registers.uc_link = nullptr;
    const auto self = reinterpret_cast<std::uintptr_t>(this);
    // makecontext passes ints: a pointer goes in two.
    makecontext(&stack->registers, reinterpret_cast<void (*)()>(&HostStacks::begin), 2, static_cast<unsigned>(self),
                static_cast<unsigned>(std::uint64_t{self} >> 32U));
    stacks_[&context] = std::move(stack);
}

void HostStacks::switch_to(machine::Context& from, machine::Context& to) {
    if (current_ == nullptr) { // the test's own stack is left for the first time
        own_ = current_ = (stacks_[&from] = std::make_unique<Stack>()).get();
    }
    leave_for(*stacks_.at(&to));
    if (current_ == own_ && escaped_) {
        std::rethrow_exception(std::exchange(escaped_, nullptr));
    }
}

// Comes back when somebody switches to the stack that is current now.
void HostStacks::leave_for(Stack& to) {
    Stack& from = *std::exchange(current_, &to);
    start_switch(&from.fake_stack, to.bottom, to.size);
    swapcontext(&from.registers, &to.registers);
    arrive();
}

// On a stack that was just switched to.
void HostStacks::arrive() {
    const void* bottom = nullptr;
    std::size_t size = 0;
    finish_switch(current_->fake_stack, &bottom, &size);
    if (own_->bottom == nullptr) { // it can only be where we come from
        own_->bottom = bottom;
        own_->size = size;
    }
}

void HostStacks::begin(unsigned low, unsigned high) {
    auto& self = *reinterpret_cast<HostStacks*>(static_cast<std::uintptr_t>(std::uint64_t{high} << 32U | low));
    self.arrive();
    try {
        self.current_->entry(self.current_->argument);
    } catch (...) {
        self.escaped_ = std::current_exception();
    }
    self.leave_for(*self.own_); // for good
}

} // namespace quire::test
