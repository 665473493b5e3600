// Pages of one address space that are replaced among themselves: by a policy of their own, and, where there is a limit,
// instead of others when one more comes. A page is in one set at most, that of who brought it, or it is everybody's. It
// owns the policy and its queues; the pager sees to it that no page is in it that has gone.
#pragma once

#include "kernel/memory/replacement/replacement.h"

#include <cstdint>
#include <optional>

namespace quire {

class ResidentSet {
public:
    // With the queues of set `number`, from 1 on.
    ResidentSet(FrameRecords records, std::uint32_t number) : replacement(records.of_set(number)), number_(number) {}
    ResidentSet(const ResidentSet&) = delete;
    ResidentSet& operator=(const ResidentSet&) = delete;
    ~ResidentSet() = default;

    Replacement replacement;
    std::optional<std::uint32_t> limit; // pages; nothing: as many as come
    bool has_own_policy = false;        // else everybody's, in its own queues

    [[nodiscard]] std::uint32_t number() const { return number_; }
    // Pages in memory. O(1).
    [[nodiscard]] std::uint32_t pages() const { return replacement.current().known(); }
    // Whether it is there for nothing.
    [[nodiscard]] bool is_needless() const { return !limit && !has_own_policy; }

private:
    std::uint32_t number_;
};

} // namespace quire
