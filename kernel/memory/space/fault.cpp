// The names of fault outcomes, what errors they are, and their sums.
#include "kernel/memory/space/fault.h"

namespace quire {

std::string_view name_of(FaultOutcome outcome) {
    switch (outcome) {
    case FaultOutcome::demand_zero: return "demand zero";
    case FaultOutcome::zero_page: return "zero page";
    case FaultOutcome::copy_on_write: return "copy on write";
    case FaultOutcome::reused: return "reused";
    case FaultOutcome::table_unshared: return "table unshared";
    case FaultOutcome::file_page: return "file page";
    case FaultOutcome::code_mirrored: return "code mirrored";
    case FaultOutcome::stack_grown: return "stack grown";
    case FaultOutcome::arrived: return "arrived";
    case FaultOutcome::swapped_in: return "swapped in";
    case FaultOutcome::touch_seen: return "touch seen";
    case FaultOutcome::spurious: return "spurious";
    case FaultOutcome::must_wait: return "must wait";
    case FaultOutcome::protection_error: return "protection error";
    case FaultOutcome::no_region: return "no region";
    case FaultOutcome::past_end: return "past the end";
    case FaultOutcome::out_of_memory: return "out of memory";
    case FaultOutcome::device_error: return "device error";
    }
    return "";
}

Error error_of(FaultOutcome outcome) {
    switch (outcome) {
    case FaultOutcome::out_of_memory: return Error::out_of_memory;
    case FaultOutcome::device_error: return Error::input_output;
    case FaultOutcome::must_wait: return Error::must_wait;
    default: return Error::bad_address;
    }
}

FaultOutcome outcome_of(Error error) {
    switch (error) {
    case Error::out_of_range: return FaultOutcome::past_end;
    case Error::input_output: return FaultOutcome::device_error;
    case Error::must_wait: return FaultOutcome::must_wait;
    default: return FaultOutcome::out_of_memory;
    }
}

namespace {

template <class Number> Number sum_of_served(const std::array<Number, fault_outcome_count>& counts) {
    Number sum = 0;
    for (std::size_t at = 0; at < fault_outcome_count; ++at) {
        sum += served(static_cast<FaultOutcome>(at)) ? counts[at] : 0;
    }
    return sum;
}

} // namespace

std::uint32_t FaultCounts::served_faults() const {
    return sum_of_served(by_outcome);
}

void FaultTotals::add(const FaultCounts& counts) {
    for (std::size_t at = 0; at < fault_outcome_count; ++at) {
        by_outcome[at] += counts.by_outcome[at];
    }
}

std::uint64_t FaultTotals::served_faults() const {
    return sum_of_served(by_outcome);
}

} // namespace quire
