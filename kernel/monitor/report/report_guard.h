// What panic() and the report on a fault have in common: knowing that they are inside of another one, and the end.
#pragma once

#include <cstdint>

namespace quire {

// Counts a report of this CPU while one lives. Inside of one report another must say little: what it would say is most
// likely broken too.
class ReportGuard {
public:
    ReportGuard();
    ~ReportGuard();
    ReportGuard(const ReportGuard&) = delete;
    ReportGuard& operator=(const ReportGuard&) = delete;

    // False if this report came up inside of another.
    [[nodiscard]] bool outermost() const { return outermost_; }

private:
    bool outermost_;
};

// Sends what was written and switches the machine off with the status that stands for a panic.
[[noreturn]] void power_off_after_panic();

} // namespace quire
