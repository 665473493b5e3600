// How much time is lost by waiting for memory and for disks: Linux's pressure stall information (its
// Documentation/accounting/psi.rst). "Some" is time in which at least one thread waited; "full" is time in which at
// least one waited and nobody ran or could: the processor idled for want of what was waited for. Both are measured from
// the beginning of a wait to its end, by the clock, and not sampled. It also tells when memory thrashes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace quire {

// What a wait is for; one wait can be for several.
struct StallKinds {
    bool memory = false;  // a page that is on its way, or room for one
    bool io = false;      // a block device
    bool refault = false; // a page that had just gone: RefaultMeter (memory/pager/refault_meter.h)
};

// The waits of one kind. Times are nanoseconds of the monotonic clock. All O(1).
class StallMeter {
public:
    void begin(std::uint64_t now) {
        if (waiting_++ == 0) {
            since_ = now;
        }
    }
    // `idle_since`: since when the processor idles; 0: it does not.
    void end(std::uint64_t now, std::uint64_t idle_since) {
        if (waiting_ == 1) {
            some_ = some(now);
            full_ = full(now, idle_since);
        }
        --waiting_;
    }
    // The processor idled since then, and does no more.
    void idle_ends(std::uint64_t now, std::uint64_t idle_since) { full_ = full(now, idle_since); }

    [[nodiscard]] std::uint32_t waiting() const { return waiting_; }
    [[nodiscard]] std::uint64_t some(std::uint64_t now) const { return some_ + (waiting_ != 0 ? now - since_ : 0); }
    // No wait begins while nobody runs, so that what is waited for now was when the processor began to idle.
    [[nodiscard]] std::uint64_t full(std::uint64_t now, std::uint64_t idle_since) const {
        return full_ + (waiting_ != 0 && idle_since != 0 ? now - std::max(since_, idle_since) : 0);
    }

private:
    std::uint32_t waiting_ = 0; // threads
    std::uint64_t since_ = 0;
    std::uint64_t some_ = 0, full_ = 0;
};

// The share of time that was lost, in the last 10, 60 and 300 seconds: what is longer past counts less and less.
class PressureAverages {
public:
    static constexpr unsigned fraction_bits = 11;
    static constexpr std::uint64_t period = 2'000'000'000; // nanoseconds between samples; Linux, kernel/sched/psi.c

    // Of the last `elapsed` nanoseconds, `lost` were. O(elapsed / period).
    void sample(std::uint64_t lost, std::uint64_t elapsed);
    // Per cent, in units of 2^-fraction_bits.
    [[nodiscard]] const std::array<std::uint32_t, 3>& averages() const { return averages_; }

private:
    std::array<std::uint32_t, 3> averages_{};
};

// Says that memory thrashes: that in the last ten seconds most of the time went into waiting for pages that had just
// gone, while nobody ran. It says so once, and again only after that share had fallen below a quarter.
class ThrashingDetector {
public:
    static constexpr std::uint32_t tell_from = 50, forget_below = 25; // per cent
    static constexpr std::size_t samples = 5;                         // each of PressureAverages::period

    // Of the last `elapsed` nanoseconds, `lost` were. The share of the last samples, in per cent, where that is to be
    // told. O(samples).
    [[nodiscard]] std::optional<std::uint32_t> sample(std::uint64_t lost, std::uint64_t elapsed);
    [[nodiscard]] bool thrashing() const { return thrashing_; }

private:
    struct Sample {
        std::uint64_t lost = 0, elapsed = 0;
    };
    std::array<Sample, samples> ring_{};
    std::size_t at_ = 0;
    bool thrashing_ = false;
};

class Pressure {
public:
    // A thread begins to wait, and its wait is over. O(1), and a look at the clock.
    void wait_begins(StallKinds kinds);
    void wait_ends(StallKinds kinds);

    // Nobody can run; somebody can again. A comparison where nobody waits.
    void idle_begins();
    void idle_ends();

    // Once each tick. What share of the last ten seconds went into waiting for pages that had just gone, in per cent,
    // where that is to be told. A comparison but for once in PressureAverages::period.
    [[nodiscard]] std::optional<std::uint32_t> at_tick(std::uint64_t now);

    // What /proc/pressure tells of one kind: shares as PressureAverages has them, and all time lost since boot.
    struct Line {
        std::array<std::uint32_t, 3> averages{};
        std::uint64_t nanoseconds = 0;
    };
    struct Report {
        Line some, full;
    };
    [[nodiscard]] Report memory(std::uint64_t now) const { return report(memory_, now); }
    [[nodiscard]] Report io(std::uint64_t now) const { return report(io_, now); }
    // Threads that wait for a device now.
    [[nodiscard]] std::uint32_t waiting_for_io() const { return io_.meter.waiting(); }
    [[nodiscard]] bool thrashing() const { return thrashing_.thrashing(); }

private:
    struct Kind {
        StallMeter meter;
        PressureAverages some, full;
        std::uint64_t some_before = 0, full_before = 0; // when last sampled
    };

    [[nodiscard]] Report report(const Kind& kind, std::uint64_t now) const;
    void sample(Kind& kind, std::uint64_t now, std::uint64_t elapsed) const;
    template <class Visitor> void for_each(StallKinds kinds, Visitor&& visit);

    Kind memory_, io_;
    StallMeter refaults_;
    std::uint64_t refaults_before_ = 0;
    ThrashingDetector thrashing_;
    std::uint64_t idle_since_ = 0; // 0: somebody runs, or nobody waited when the processor began to idle
    std::uint64_t sampled_at_ = 0;
};

// A wait of the current thread, as long as this lives or until it is ended.
class Stall {
public:
    Stall(Pressure& pressure, StallKinds kinds) : pressure_(&pressure), kinds_(kinds) { pressure.wait_begins(kinds); }
    Stall(const Stall&) = delete;
    Stall& operator=(const Stall&) = delete;
    ~Stall() { end(); }

    void end() {
        if (pressure_ != nullptr) {
            pressure_->wait_ends(kinds_);
            pressure_ = nullptr;
        }
    }

private:
    Pressure* pressure_;
    StallKinds kinds_;
};

} // namespace quire
