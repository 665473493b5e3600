// What /proc/PID tells of who is ended when memory runs out, and takes: oom_score, oom_score_adj, and, in other units,
// the older oom_adj. Linux, fs/proc/base.c.
#include "kernel/lib/number.h"
#include "kernel/process/lifecycle/out_of_memory.h"
#include "kernel/process/procfs/proc_text.h"

namespace quire::proc_text {

namespace {

constexpr std::int32_t old_never = -17, old_first = 15;

// A number with a sign. Errors: invalid_argument where it is none, or not in the range.
Result<std::int32_t> number_in(std::string_view text, std::int32_t least, std::int32_t most) {
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
    const Result<std::uint32_t> size = parse_number_32(text);
    if (!size || *size > static_cast<std::uint32_t>(ended_first)) {
        return fail(Error::invalid_argument);
    }
    const auto value = static_cast<std::int32_t>(negative ? 0 - *size : *size);
    return value >= least && value <= most ? Result<std::int32_t>(value) : fail(Error::invalid_argument);
}

Result<void> set(const ProcSubject& subject, std::int32_t adjustment) {
    quire::set_out_of_memory_adjustment(*subject.process, static_cast<std::int16_t>(adjustment));
    return {};
}

} // namespace

void out_of_memory_score(const ProcSubject& subject, Sink& sink) {
    print(sink, "{}\n", quire::out_of_memory_score(*subject.process));
}

void out_of_memory_adjustment(const ProcSubject& subject, Sink& sink) {
    print(sink, "{}\n", subject.process->out_of_memory_adjustment);
}

Result<void> set_out_of_memory_adjustment(const ProcSubject& subject, std::string_view text) {
    const auto value = number_in(text, never_ended, ended_first);
    return value ? set(subject, *value) : fail(value.error());
}

void old_out_of_memory_adjustment(const ProcSubject& subject, Sink& sink) {
    const std::int32_t adjustment = subject.process->out_of_memory_adjustment;
    print(sink, "{}\n", adjustment == ended_first ? old_first : adjustment * -old_never / ended_first);
}

Result<void> set_old_out_of_memory_adjustment(const ProcSubject& subject, std::string_view text) {
    const auto value = number_in(text, old_never, old_first);
    if (!value) {
        return fail(value.error());
    }
    return set(subject, *value == old_first ? ended_first : *value * ended_first / -old_never);
}

} // namespace quire::proc_text
