// Joins the machine's console and clock to the interfaces of the shell.
#include "kernel/monitor/console/console.h"

#include "kernel/machine/cpu.h"
#include "kernel/machine/devices.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

namespace quire {

namespace {

// Until there may be a key: programs run meanwhile. One that comes just before the processor sleeps waits for the next
// tick.
void let_others_run() {
    Torus* const torus = this_torus();
    if (torus != nullptr && torus->userland != nullptr) {
        torus->userland->processes.scheduler.wait_for_event();
    } else {
        machine::wait_for_interrupt();
    }
}

} // namespace

void ShellConsole::write(std::string_view text) {
    machine::console_write(text);
}

std::optional<Key> ShellConsole::poll() {
    if (!put_back_.empty()) {
        const Key key = put_back_[0];
        put_back_.erase(0);
        return key;
    }
    while (true) {
        const std::optional<char> byte = machine::console_read();
        if (!byte) {
            return std::nullopt;
        }
        if (const std::optional<Key> key = decoder_.feed(*byte)) {
            return key;
        }
    }
}

std::optional<Key> ShellConsole::wait(std::uint32_t milliseconds) {
    constexpr std::uint32_t milliseconds_per_tick = 1000 / machine::ticks_per_second;
    const std::uint64_t end = machine::ticks() + milliseconds / milliseconds_per_tick + 1;
    while (true) {
        if (const std::optional<Key> key = poll()) {
            return key;
        }
        if (machine::ticks() >= end) {
            return std::nullopt;
        }
        let_others_run();
    }
}

void ShellConsole::put_back(const Key& key) {
    may_fail(put_back_.push_back(key)); // keys that nobody reads for so long are lost
}

} // namespace quire
