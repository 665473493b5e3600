// Promises of memory, made and taken back.
#include "kernel/memory/commit_account.h"

#include "kernel/lib/panic.h"

namespace quire {

std::string_view name_of(CommitPolicy policy) {
    switch (policy) {
    case CommitPolicy::guess: return "guess";
    case CommitPolicy::always: return "always";
    case CommitPolicy::never: return "never";
    }
    return "";
}

Result<void> CommitAccount::charge(std::uint32_t pages) {
    const bool refused = policy_ == CommitPolicy::guess   ? pages > limit_
                         : policy_ == CommitPolicy::never ? charged_ >= limit_ || pages > limit_ - charged_
                                                          : false;
    if (refused && pages != 0) {
        return fail(Error::out_of_memory);
    }
    charged_ += pages;
    return {};
}

void CommitAccount::discharge(std::uint32_t pages) {
    ensure(pages <= charged_, "no more memory is taken back than was promised");
    charged_ -= pages;
}

} // namespace quire
