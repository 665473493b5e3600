// The best policy there can be.
#include "tests/host/support/paging_model.h"

#include <set>
#include <utility>

namespace quire::test {

std::uint64_t optimal_faults(std::span<const ModelPage> touches, std::uint32_t frames) {
    const ModelPage pages = touches.empty() ? 0 : std::ranges::max(touches) + 1;
    std::vector<std::size_t> next(touches.size()), coming(pages, touches.size());
    for (std::size_t at = touches.size(); at-- != 0;) {
        next[at] = std::exchange(coming[touches[at]], at);
    }
    std::set<std::pair<std::size_t, ModelPage>> resident; // by when it is wanted next
    std::uint64_t faults = 0;
    for (std::size_t at = 0; at != touches.size(); ++at) {
        if (resident.erase({at, touches[at]}) == 0) {
            ++faults;
            if (resident.size() == frames) {
                resident.erase(std::prev(resident.end()));
            }
        }
        resident.emplace(next[at], touches[at]);
    }
    return faults;
}

} // namespace quire::test
