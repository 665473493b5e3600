// The alarms of processes, looked through whenever the earliest of them may be due.
#include "kernel/process/lifecycle/alarms.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/devices.h"
#include "kernel/process/process_table.h"
#include "kernel/process/send_signal.h"

#include <algorithm>

namespace quire {

namespace {

// When an alarm that was to go off at `expires` goes off next, so that it keeps its beat; 0: never.
template <class Alarm> std::uint64_t next_time(const Alarm& alarm, std::uint64_t now) {
    return alarm.interval != 0 ? alarm.expires + ((now - alarm.expires) / alarm.interval + 1) * alarm.interval : 0;
}

void expire_real(Process& process, std::uint64_t now) {
    IntervalAlarm& alarm = process.real_alarm;
    if (alarm.expires == 0 || alarm.expires > now) {
        return;
    }
    alarm.expires = next_time(alarm, now);
    must_succeed(send_signal(process, {.number = signal_number::alarm, .code = signal_code::kernel}));
}

// `used` counts up in ticks; the alarm goes off as it passes what was set.
void expire_usage(Process& process, UsageAlarm& alarm, std::uint64_t used, std::uint32_t signal) {
    if (alarm.expires == 0 || used < alarm.expires) {
        return;
    }
    alarm.expires = next_time(alarm, used);
    must_succeed(send_signal(process, {.number = signal, .code = signal_code::kernel}));
}

} // namespace

void expire_alarms(ProcessTable& table) {
    if (table.alarms_set == 0) {
        return;
    }
    const std::uint64_t now = machine::nanoseconds();
    std::uint32_t set = 0;
    table.for_each([&](Process& process) {
        expire_real(process, now);
        const ProcessTimes times = process.usage();
        expire_usage(process, process.virtual_alarm, times.user_ticks, signal_number::virtual_alarm);
        expire_usage(process, process.profile_alarm, times.user_ticks + times.system_ticks, signal_number::profile);
        const bool any =
            (process.real_alarm.expires | process.virtual_alarm.expires | process.profile_alarm.expires) != 0;
        set += any && !process.is_zombie ? 1 : 0;
    });
    table.alarms_set = set;
}

void enforce_processor_limit(Process& process) {
    ResourceLimit& most = process.limits[limit::cpu]; // seconds
    if (most.soft == ResourceLimit::unlimited) {
        return;
    }
    const std::uint64_t seconds = (process.thread.user_ticks + process.thread.system_ticks) / machine::ticks_per_second;
    if (seconds >= most.hard) {
        must_succeed(send_signal(process, {.number = signal_number::kill, .code = signal_code::kernel}));
    } else if (seconds >= most.soft) {
        ++most.soft; // as Linux does, which shows it
        must_succeed(send_signal(process, {.number = signal_number::processor_time, .code = signal_code::kernel}));
    }
}

IntervalAlarm real_alarm_left(const Process& process) {
    const IntervalAlarm& alarm = process.real_alarm;
    if (alarm.expires == 0) {
        return {.expires = 0, .interval = alarm.interval};
    }
    const std::uint64_t now = machine::nanoseconds();
    return {.expires = alarm.expires > now ? alarm.expires - now : 1, .interval = alarm.interval};
}

IntervalAlarm set_real_alarm(Process& process, std::uint64_t delay, std::uint64_t interval) {
    const IntervalAlarm before = real_alarm_left(process);
    process.real_alarm = {.expires = delay != 0 ? machine::nanoseconds() + delay : 0,
                          .interval = delay != 0 ? interval : 0};
    process.table->alarms_set += delay != 0 ? 1 : 0;
    return before;
}

} // namespace quire
