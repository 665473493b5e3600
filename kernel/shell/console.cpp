// Joins the machine's console and clock to the interfaces of the shell.
#include "kernel/shell/console.h"

#include "arch/x86/include/cpu.h"
#include "arch/x86/include/devices.h"

namespace quire {

void Console::write(std::string_view text) {
    machine::console_write(text);
}

std::optional<Key> Console::poll() {
    if (!put_back_.empty()) {
        const Key key = put_back_[0];
        put_back_.erase(0);
        return key;
    }
    while (const std::optional<char> byte = machine::console_read()) {
        if (const std::optional<Key> key = decoder_.feed(*byte)) {
            return key;
        }
    }
    return std::nullopt;
}

std::optional<Key> Console::wait(std::uint32_t milliseconds) {
    constexpr std::uint32_t milliseconds_per_tick = 1000 / machine::ticks_per_second;
    const std::uint64_t end = machine::ticks() + milliseconds / milliseconds_per_tick + 1;
    // Interrupts are off between looking and sleeping, so that no key can come in between and be slept over.
    const machine::InterruptGuard guard;
    while (true) {
        if (const std::optional<Key> key = poll()) {
            return key;
        }
        if (machine::ticks() >= end) {
            return std::nullopt;
        }
        machine::wait_for_interrupt();
        machine::disable_interrupts();
    }
}

void Console::put_back(const Key& key) {
    static_cast<void>(put_back_.push_back(key));
}

} // namespace quire
