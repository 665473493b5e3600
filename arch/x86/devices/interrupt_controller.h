// The two cascaded 8259A interrupt controllers of a PC (Intel, "8259A", 1988): sixteen request lines, put behind the
// exceptions at vectors 32 … 47, each masked until somebody wants it.
#pragma once

#include <cstdint>

namespace quire::machine {

class InterruptController {
public:
    // Programs both chips and masks every line.
    void start();
    void unmask(unsigned irq);
    // True if nothing raised `irq`: the request went away before the processor asked for its number, and the chip
    // answered with its lowest line for want of a better one. A spurious interrupt must not be acknowledged.
    [[nodiscard]] bool spurious(unsigned irq) const;
    // Lets the chip deliver the next request of this and all lower lines. Never waits.
    void acknowledge(unsigned irq) const;

private:
    std::uint16_t masked_ = 0xFFFF;
};

} // namespace quire::machine
