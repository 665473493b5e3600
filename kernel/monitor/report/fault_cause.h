// The likely cause of an exception: an ordered table of rules, each a name, a sentence for a person and a test on the
// facts. The first that fits is it. Pure: looks at facts, touches nothing.
#pragma once

#include "kernel/monitor/report/fault_facts.h"

#include <string_view>

namespace quire {

struct Cause {
    // "null pointer": short and stable, for tests and for looking up in docs/faults.md. Empty where the exception
    // itself says it all.
    std::string_view name;
    std::string_view sentence; // what has most likely happened
};

// Every exception has one. O(rules).
[[nodiscard]] Cause likely_cause(const FaultFacts& facts);

// Whether `address` is in a page that is kept unmapped below a stack, so that overflow is noticed.
[[nodiscard]] bool in_stack_guard(VirtAddr address, const FaultFacts& facts);

} // namespace quire
