// The policies that the kernel has, and the one that it uses: chosen at boot, and changed while it runs.
#pragma once

#include "kernel/memory/replacement/adaptive_sieve.h"
#include "kernel/memory/replacement/aging.h"
#include "kernel/memory/replacement/clock.h"
#include "kernel/memory/replacement/fifo.h"
#include "kernel/memory/replacement/lru.h"
#include "kernel/memory/replacement/page_replacer.h"
#include "kernel/memory/replacement/random.h"
#include "kernel/memory/replacement/trace.h"
#include "kernel/memory/replacement/two_queue.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace quire {

enum class ReplacementPolicy : std::uint8_t { adaptive_sieve, clock, fifo, lru, aging, two_queue, random };

class Replacement {
public:
    static constexpr ReplacementPolicy standard = ReplacementPolicy::adaptive_sieve;
    static constexpr std::array<ReplacementPolicy, 7> all_policies{
        {ReplacementPolicy::adaptive_sieve, ReplacementPolicy::clock, ReplacementPolicy::fifo, ReplacementPolicy::lru,
         ReplacementPolicy::aging, ReplacementPolicy::two_queue, ReplacementPolicy::random}};

    explicit Replacement(FrameRecords records);
    Replacement(const Replacement&) = delete;
    Replacement& operator=(const Replacement&) = delete;

    [[nodiscard]] ReplacementPolicy used() const { return used_; }
    [[nodiscard]] const PageReplacer& policy(ReplacementPolicy which) const {
        return *policies_[static_cast<std::size_t>(which)];
    }
    // The policy in use. Who tells it something goes through the functions below, or a trace misses it.
    [[nodiscard]] PageReplacer& current() { return *policies_[static_cast<std::size_t>(used_)]; }
    [[nodiscard]] const PageReplacer& current() const { return policy(used_); }
    // All pages that the old policy knows are known to the new one, in the old one's order. O(pages).
    void use(ReplacementPolicy policy);

    // What is kept with a page's copy while it is out: whose departure it is, too. Nothing: 0.
    using Ghost = std::uint32_t;
    // As PageReplacer's. A ghost that another policy made, or that of another set, tells this one nothing.
    void loaded(Frame frame, Ghost ghost);
    void adopt(Frame frame);
    void touched(Frame frame);
    // A page that is known is not wanted soon: it is the first that is looked at, or one of the first. O(1).
    void make_cold(Frame frame);
    struct Chosen {
        Frame frame;
        Ghost ghost = 0;
    };
    [[nodiscard]] std::optional<Chosen> choose(PageUses& uses);
    // The frame is a page table from now on, and in no queue.
    void became_table(Frame frame);
    // The page, which may be known, is a set's from now on, and in no queue of everybody's.
    void lose(Frame frame);

    // From now on all that the policy is told, what it asks and what it chooses goes to `trace`, beginning with what it
    // knows; null: to nobody. O(pages). With it, everything can be decided again (docs/traces.md).
    void record(Trace* trace);

    // Checks that each queue is as long as it says and has its own pages. O(frames).
    void audit(AuditReport& report) const;

private:
    void record_state();
    [[nodiscard]] std::optional<Victim> choose_recording(PageUses& uses);
    [[nodiscard]] Ghost tag() const {
        return (records_.set() << policy_bits | (static_cast<Ghost>(used_) + 1)) << Departure::bits;
    }
    static constexpr unsigned policy_bits = 3;
    static_assert(all_policies.size() < 1U << policy_bits &&
                  FrameRecords::most_sets < 1U << (32 - Departure::bits - policy_bits));

    FrameRecords records_;
    AdaptiveSieve adaptive_sieve_;
    ClockPolicy clock_;
    FifoPolicy fifo_;
    LruPolicy lru_;
    AgingPolicy aging_;
    TwoQueuePolicy two_queue_;
    RandomPolicy random_;
    std::array<PageReplacer*, all_policies.size()> policies_;
    ReplacementPolicy used_ = standard;
    Trace* trace_ = nullptr;
};

[[nodiscard]] std::string_view name_of(ReplacementPolicy policy);

} // namespace quire
