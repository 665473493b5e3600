// Whoever keeps frames only to be quicker, such as copies of files' pages that nothing maps, and gives them back when
// memory is short. It owns what it keeps.
#pragma once

#include <cstdint>

namespace quire {

class Shrinker {
public:
    // Gives back what nobody uses now. Returns how many frames. O(those).
    virtual std::uint32_t give_back_unused() = 0;
    // The last process has ended: all that was kept for processes goes.
    virtual void forget_unused() = 0;

protected:
    ~Shrinker() = default;
};

} // namespace quire
