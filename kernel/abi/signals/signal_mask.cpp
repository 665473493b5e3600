// A signal mask for one call. See signal_mask.h.
#include "kernel/abi/signals/signal_mask.h"

#include "kernel/abi/user_memory.h"
#include "kernel/machine/cpu.h"
#include "kernel/sched/pending_work.h"

namespace quire::abi {

Result<void> TemporaryMask::install(UserPointer<WideSet> mask, std::uint32_t size) {
    if (mask.is_null()) {
        return {};
    }
    if (size != signal_set_size) {
        return fail(Error::invalid_argument);
    }
    const auto given = read_value(mask);
    if (!given) {
        return fail(given.error());
    }
    install(given->bits);
    return {};
}

void TemporaryMask::install(SignalSet mask) {
    Signals& signals = process_->signals;
    signals.saved_mask = signals.blocked;
    signals.blocked = mask & ~unblockable;
    if (signals.deliverable() != 0) {
        machine::cpu_local->pending_work.ask(pending_work::signal);
    }
    installed_ = true;
}

void TemporaryMask::finish(bool gave_way) {
    if (!installed_) {
        return;
    }
    Signals& signals = process_->signals;
    signals.restore_mask = gave_way;
    if (!gave_way) {
        signals.blocked = signals.saved_mask;
    }
}

} // namespace quire::abi
