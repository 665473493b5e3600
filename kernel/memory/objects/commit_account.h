// How much memory programs were promised that they may yet write to, and whether one more promise is made: the policy
// behind overcommit. It counts pages; it hands out none.
#pragma once

#include "kernel/lib/panic.h"
#include "kernel/lib/result.h"

#include <cstdint>
#include <string_view>

namespace quire {

// Linux's vm.overcommit_memory, in words.
enum class CommitPolicy : std::uint8_t {
    guess,  // 0: what could never be served is refused; MAP_NORESERVE is not counted
    always, // 1: nothing is refused
    never,  // 2: no more is promised than there is
};
[[nodiscard]] std::string_view name_of(CommitPolicy policy);

class CommitAccount {
public:
    // `limit` pages are there for programs.
    CommitAccount(CommitPolicy policy, std::uint32_t limit) : policy_(policy), limit_(limit) {}

    // Promises `pages` more pages. Errors: out_of_memory, where the policy refuses. O(1).
    [[nodiscard]] Result<void> charge(std::uint32_t pages) {
        if (pages != 0 && refuses(pages)) [[unlikely]] {
            return fail(Error::out_of_memory);
        }
        charged_ += pages;
        return {};
    }
    // Takes a promise back. O(1).
    void discharge(std::uint32_t pages) {
        ensure(pages <= charged_, "no more memory is taken back than was promised");
        charged_ -= pages;
    }

    [[nodiscard]] CommitPolicy policy() const { return policy_; }
    [[nodiscard]] std::uint32_t limit() const { return limit_; }     // pages
    [[nodiscard]] std::uint32_t charged() const { return charged_; } // pages
    // The policy holds from the next promise on.
    void set_policy(CommitPolicy policy) { policy_ = policy; }
    void set_limit(std::uint32_t pages) { limit_ = pages; }

private:
    [[nodiscard]] bool refuses(std::uint32_t pages) const {
        switch (policy_) {
        case CommitPolicy::guess: return pages > limit_;
        case CommitPolicy::always: return false;
        case CommitPolicy::never: return charged_ > limit_ || pages > limit_ - charged_;
        }
        return true;
    }

    CommitPolicy policy_;
    std::uint32_t limit_;
    std::uint32_t charged_ = 0;
};

} // namespace quire
