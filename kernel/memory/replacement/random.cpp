// Pages by chance.
#include "kernel/memory/replacement/random.h"

#include <algorithm>

namespace quire {

// Marsaglia, "Xorshift RNGs", 2003, section 3: a period of 2^32 - 1. The upper bits of a product are a number below the
// end, each as likely as the others but for one part in 2^32 / end.
std::uint32_t RandomPolicy::draw(std::uint32_t end) {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 17U;
    state_ ^= state_ << 5U;
    return static_cast<std::uint32_t>(std::uint64_t{state_} * end >> 32U);
}

std::optional<Victim> RandomPolicy::choose(PageUses& uses) {
    for (std::uint32_t draws = 0; draws != most_draws && !queue_.empty(); ++draws) {
        const Frame frame(draw(records_.frame_count()));
        if (records_.mark(frame).queue != queue_.number()) {
            continue;
        }
        ++counts_.looks;
        switch (uses.use_so_far(frame)) {
        case PageUses::Use::gone: records_.leave_queue(frame); break;
        case PageUses::Use::stays: break;
        case PageUses::Use::unused:
        case PageUses::Use::used:
            records_.leave_queue(frame);
            ++counts_.chosen;
            return Victim{frame, std::nullopt};
        }
    }
    for (std::uint32_t turns = draw(std::min(queue_.length(), most_draws)); turns != 0; --turns) {
        queue_.push_back(queue_.take_front());
    }
    return first_that_can(queue_, uses);
}

} // namespace quire
