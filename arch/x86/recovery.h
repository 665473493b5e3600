// Instructions of the kernel that are allowed to fail, and where it goes on when one does: those that touch user memory
// and those that load a program's segments. The table is made by RECOVER (recovery.inc) and lies behind the constants.
#pragma once

#include <cstdint>

namespace quire::machine {

// Where to go on after an exception at `eip` in ring 0; 0 where nobody is prepared for one. O(such instructions): a
// dozen.
[[nodiscard]] std::uint32_t recovery_from(std::uint32_t eip);

} // namespace quire::machine
