// Touching memory as a program does, by the processor and its tables, where that may fault: a read or write of one word
// that comes back with the registers at the trap if there was one.
#pragma once

#include "kernel/machine/address.h"
#include "kernel/trap/attempt.h"

#include <cstdint>
#include <optional>

namespace quire {

struct Touch {
    std::optional<machine::TrapFrame> trap; // nothing if the processor did it
    std::uint32_t word = 0;                 // what was read

    [[nodiscard]] bool worked() const { return !trap.has_value(); }
    // A page fault's error code, bits 2:0 (Intel SDM vol. 3A §4.7); 0 without a fault.
    [[nodiscard]] std::uint32_t error_code() const { return trap ? trap->error_code : 0; }
};

// `address` need not be aligned. A fault is reported as much as `report` says.
[[nodiscard]] Touch read_word(VirtAddr address, TrapReport report = TrapReport::none);
[[nodiscard]] Touch write_word(VirtAddr address, std::uint32_t word, TrapReport report = TrapReport::none);

} // namespace quire
