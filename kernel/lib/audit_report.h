// The outcome of an audit: how many claims about the memory manager's books were checked, and which do not hold.
// Every part of kernel/memory has an audit(AuditReport&) that walks all it owns; nothing is changed by it.
#pragma once

#include "kernel/lib/format.h"

#include <cstdint>

namespace quire {

class AuditReport {
public:
    // Failed claims are printed to `sink` as they are found.
    explicit AuditReport(Sink& sink) : sink_(&sink) {}

    // Counts one claim. Where it does not hold, prints what it says, formatted like print().
    template <class... Args>
    void check(bool holds, FormatString<std::type_identity_t<Args>...> claim, const Args&... arguments) {
        ++checks_;
        if (holds) [[likely]] {
            return;
        }
        ++failures_;
        if (failures_ <= most_printed) {
            print(*sink_, "audit: broken: ");
            print(*sink_, claim, arguments...);
            print(*sink_, "\n");
        }
    }

    [[nodiscard]] std::uint32_t checks() const { return checks_; }
    [[nodiscard]] std::uint32_t failures() const { return failures_; }

private:
    // One broken invariant often breaks thousands of claims; the first ones tell.
    static constexpr std::uint32_t most_printed = 16;

    Sink* sink_;
    std::uint32_t checks_ = 0;
    std::uint32_t failures_ = 0;
};

} // namespace quire
