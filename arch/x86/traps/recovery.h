// Instructions of the kernel that are allowed to fail, and where it goes on when one does: those that touch user memory
// and those that load a program's segments. The table is made by RECOVER (recovery.inc) and lies behind the constants.
#pragma once

#include <cstdint>

namespace quire::machine {

// As RECOVER lays it down.
struct Recovery {
    std::uint32_t first, end, target; // instructions in [first, end); then the kernel goes on at `target`
    // What they are prepared for; any other exception there is the kernel's own. recovery.inc knows the numbers.
    enum : std::uint32_t {
        refused, // the processor refuses what a program wants to have in a segment register or in EIP
        access,  // a page fault at an address in user space
        move,    // the same; ESI and EDI are addresses, one of them the kernel's
    } from;
};

// What is prepared for an exception at `eip` in ring 0; nullptr where nothing is. O(such instructions): a dozen.
[[nodiscard]] const Recovery* recovery_at(std::uint32_t eip);

} // namespace quire::machine
