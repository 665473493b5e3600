// The outcomes of a page fault: a small closed set of words that the address space answers with and everybody else
// counts, prints or turns into a signal.
#pragma once

#include "kernel/lib/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quire {

// What was tried. An instruction fetch shows in the address: programs execute through the mirror of their code
// (layout.h), which begins at 0x60000000.
struct FaultAccess {
    bool write = false;
};

enum class FaultOutcome : std::uint8_t {
    // Resolved: the access can be repeated.
    demand_zero,    // a new page of zeros
    zero_page,      // the one page of zeros that all share, to be read
    copy_on_write,  // a copy of a page that others keep
    reused,         // a page that nobody else has any more, writable again
    table_unshared, // nothing but a page table of its own was missing
    file_page,      // a page of a file, or of shared memory
    code_mirrored,  // a page of code, shown where instructions are fetched
    stack_grown,    // a page of a stack, which was extended for it
    arrived,        // a page that was in transit, and whose content has come: a major fault
    swapped_in,     // a page back without a transfer: it had not left yet, or was one word over and over
    touch_seen,     // a page that was only hidden, so that the pager sees the touch
    spurious,       // nothing was missing: the TLB was behind

    // Neither yet: the page is on its way. Who waited for it tries again.
    must_wait,

    // Refused.
    protection_error, // SIGSEGV, SEGV_ACCERR: the region does not allow it
    no_region,        // SIGSEGV, SEGV_MAPERR: there is nothing
    past_end,         // SIGBUS, BUS_ADRERR: beyond the end of the file behind the region
    out_of_memory,    // no frame, or no room for more page tables
    device_error,     // SIGBUS: the page could not be read
};

inline constexpr std::size_t fault_outcome_count = static_cast<std::size_t>(FaultOutcome::device_error) + 1;

[[nodiscard]] constexpr bool served(FaultOutcome outcome) {
    return outcome <= FaultOutcome::spurious;
}

// An outcome that is not served as the error of a call that touched the page, and the error of a page that could not be
// had as an outcome.
[[nodiscard]] Error error_of(FaultOutcome outcome);
[[nodiscard]] FaultOutcome outcome_of(Error error);

// "demand zero", "copy on write" and so on.
[[nodiscard]] std::string_view name_of(FaultOutcome outcome);

// How often each outcome came about.
struct FaultCounts {
    std::array<std::uint32_t, fault_outcome_count> by_outcome{};

    void count(FaultOutcome outcome) { ++by_outcome[static_cast<std::size_t>(outcome)]; }
    [[nodiscard]] std::uint32_t of(FaultOutcome outcome) const { return by_outcome[static_cast<std::size_t>(outcome)]; }
    // All that were resolved.
    [[nodiscard]] std::uint32_t served_faults() const;
};

// The same of many address spaces, since boot.
struct FaultTotals {
    std::array<std::uint64_t, fault_outcome_count> by_outcome{};

    void add(const FaultCounts& counts);
    [[nodiscard]] std::uint64_t of(FaultOutcome outcome) const { return by_outcome[static_cast<std::size_t>(outcome)]; }
    [[nodiscard]] std::uint64_t served_faults() const;
};

} // namespace quire
