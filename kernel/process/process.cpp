// What a process says of itself.
#include "kernel/process/process.h"

#include <algorithm>

namespace quire {

void Process::set_name(std::string_view title) {
    const std::size_t length = std::min(title.size(), name.size() - 1);
    const auto end = std::copy_n(title.begin(), length, name.begin());
    std::fill(end, name.end(), '\0');
}

void apply_limits(const Process& process, AddressSpace& space) {
    const auto in_pages = [&](std::size_t which) {
        const std::uint64_t bytes = process.soft_limit(which);
        return bytes >= std::uint64_t{SpaceLimits::unlimited} * page_size
                   ? SpaceLimits::unlimited
                   : static_cast<std::uint32_t>(bytes / page_size);
    };
    // RLIMIT_MEMLOCK binds nobody: there is one user, who may do everything (CAP_IPC_LOCK; man 2 mlock).
    space.limits = {.address_space = in_pages(limit::address_space),
                    .data = in_pages(limit::data),
                    .stack = in_pages(limit::stack),
                    .locked = SpaceLimits::unlimited};
}

} // namespace quire
