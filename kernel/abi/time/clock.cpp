// Times. See clock.h.
#include "kernel/abi/time/clock.h"

#include "kernel/machine/devices.h"

#include <algorithm>

namespace quire::abi {

std::uint64_t now() {
    return machine::nanoseconds();
}

std::uint64_t deadline_after(std::optional<std::uint64_t> span) {
    constexpr std::uint64_t first_time = 1; // 0 is no deadline
    return span && *span < longest_time ? std::max(now() + *span, first_time) : 0;
}

} // namespace quire::abi
