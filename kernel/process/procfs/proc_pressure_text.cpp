// What /proc/pressure tells: time lost by waiting for memory and for disks. The format is that of Linux 6.1
// kernel/sched/psi.c; shares are per cent, sums microseconds.
#include "kernel/machine/devices.h"
#include "kernel/process/procfs/proc_text.h"
#include "kernel/sched/pressure.h"

namespace quire::proc_text {

namespace {

void print_share(Sink& sink, std::string_view label, std::uint32_t share) {
    constexpr std::uint32_t one = 1U << PressureAverages::fraction_bits;
    const std::uint32_t hundredths = share * 100 / one; // at most 100 per cent: 100 * 100 * one fits
    print(sink, " {}={}.{:02}", label, hundredths / 100, hundredths % 100);
}

void print_line(Sink& sink, std::string_view label, const Pressure::Line& line) {
    constexpr std::uint64_t nanoseconds_per_microsecond = 1000;
    print(sink, "{}", label);
    print_share(sink, "avg10", line.averages[0]);
    print_share(sink, "avg60", line.averages[1]);
    print_share(sink, "avg300", line.averages[2]);
    print(sink, " total={}\n", line.nanoseconds / nanoseconds_per_microsecond);
}

void print_report(Sink& sink, const Pressure::Report& report) {
    print_line(sink, "some", report.some);
    print_line(sink, "full", report.full);
}

} // namespace

void memory_pressure(const ProcSubject& subject, Sink& sink) {
    print_report(sink, subject.table.scheduler.pressure.memory(machine::nanoseconds()));
}

void io_pressure(const ProcSubject& subject, Sink& sink) {
    print_report(sink, subject.table.scheduler.pressure.io(machine::nanoseconds()));
}

} // namespace quire::proc_text
