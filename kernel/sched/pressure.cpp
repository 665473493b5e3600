// Time lost by waiting, summed and averaged.
#include "kernel/sched/pressure.h"

#include "kernel/machine/devices.h"

namespace quire {

void PressureAverages::sample(std::uint64_t lost, std::uint64_t elapsed) {
    constexpr std::uint32_t one = 1U << fraction_bits;
    constexpr std::array<std::uint32_t, 3> decays{1677, 1981, 2034}; // e^(-2 s / 10 s) and so on, of `one`
    const std::uint64_t share = std::min(lost, elapsed) * 100 * one / elapsed;
    for (std::uint64_t passed = period / 2; passed <= elapsed; passed += period) { // rounded to whole periods
        for (std::size_t at = 0; at < averages_.size(); ++at) {
            const std::uint64_t before = averages_[at];
            const std::uint64_t rounding = share >= before ? one - 1 : 0; // so that it comes to rest at what it nears
            averages_[at] = static_cast<std::uint32_t>((before * decays[at] + share * (one - decays[at]) + rounding) >>
                                                       fraction_bits);
        }
    }
}

std::optional<std::uint32_t> ThrashingDetector::sample(std::uint64_t lost, std::uint64_t elapsed) {
    ring_[at_] = {.lost = std::min(lost, elapsed), .elapsed = elapsed};
    at_ = (at_ + 1) % samples;
    Sample sum;
    for (const Sample& each : ring_) {
        sum.lost += each.lost;
        sum.elapsed += each.elapsed;
    }
    if (ring_[at_].elapsed == 0) { // the oldest: there are not as many yet
        return std::nullopt;
    }
    const auto share = static_cast<std::uint32_t>(sum.lost * 100 / sum.elapsed);
    if (share < forget_below) {
        thrashing_ = false;
    }
    if (thrashing_ || share < tell_from) {
        return std::nullopt;
    }
    thrashing_ = true;
    return share;
}

template <class Visitor> void Pressure::for_each(StallKinds kinds, Visitor&& visit) {
    if (kinds.memory) {
        visit(memory_.meter);
    }
    if (kinds.io) {
        visit(io_.meter);
    }
    if (kinds.refault) {
        visit(refaults_);
    }
}

void Pressure::wait_begins(StallKinds kinds) {
    const std::uint64_t now = machine::nanoseconds();
    for_each(kinds, [&](StallMeter& meter) { meter.begin(now); });
}

void Pressure::wait_ends(StallKinds kinds) {
    const std::uint64_t now = machine::nanoseconds();
    for_each(kinds, [&](StallMeter& meter) { meter.end(now, idle_since_); });
}

void Pressure::idle_begins() {
    if (memory_.meter.waiting() + io_.meter.waiting() != 0) {
        idle_since_ = machine::nanoseconds();
    }
}

void Pressure::idle_ends() {
    if (idle_since_ != 0) {
        const std::uint64_t now = machine::nanoseconds();
        for (StallMeter* const meter : {&memory_.meter, &io_.meter, &refaults_}) {
            meter->idle_ends(now, idle_since_);
        }
        idle_since_ = 0;
    }
}

void Pressure::sample(Kind& kind, std::uint64_t now, std::uint64_t elapsed) const {
    const std::uint64_t some = kind.meter.some(now), full = kind.meter.full(now, idle_since_);
    kind.some.sample(some - kind.some_before, elapsed);
    kind.full.sample(full - kind.full_before, elapsed);
    kind.some_before = some;
    kind.full_before = full;
}

std::optional<std::uint32_t> Pressure::at_tick(std::uint64_t now) {
    const std::uint64_t elapsed = now - sampled_at_;
    if (elapsed < PressureAverages::period) {
        return std::nullopt;
    }
    sampled_at_ = now;
    sample(memory_, now, elapsed);
    sample(io_, now, elapsed);
    const std::uint64_t before = refaults_before_;
    refaults_before_ = refaults_.full(now, idle_since_);
    return thrashing_.sample(refaults_before_ - before, elapsed);
}

Pressure::Report Pressure::report(const Kind& kind, std::uint64_t now) const {
    return {.some = {kind.some.averages(), kind.meter.some(now)},
            .full = {kind.full.averages(), kind.meter.full(now, idle_since_)}};
}

} // namespace quire
