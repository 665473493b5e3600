// Counts the reports under way and ends the kernel after the last one. See report_guard.h.
#include "kernel/monitor/report/report_guard.h"

#include "kernel/machine/cpu.h"
#include "kernel/machine/devices.h"

namespace quire {

ReportGuard::ReportGuard() : outermost_(machine::cpu_local->reports == 0) {
    ++machine::cpu_local->reports;
}

ReportGuard::~ReportGuard() {
    --machine::cpu_local->reports;
}

void power_off_after_panic() {
    constexpr std::uint8_t panic_status = 18; // ./run and the boot tests know it
    machine::console_flush();
    machine::power_off(panic_status);
}

} // namespace quire
