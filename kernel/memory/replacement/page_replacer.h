// Which page goes when memory is short: what all policies have in common. A policy keeps the pages that could go in an
// order of its own, in queues of their frames' records, and knows nothing of tables, disks and processes. It never
// allocates.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/memory/frames/frame_records.h"
#include "kernel/memory/replacement/page_queue.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace quire {

// What a policy may ask about a page.
class PageUses {
public:
    enum class Use : std::uint8_t {
        gone,   // its frame holds no page that could go, any more
        stays,  // it cannot go now
        unused, // nobody has touched it since its use was asked for last
        used,   // somebody has
    };
    // O(entries that name it).
    virtual Use use_since_last(Frame frame) = 0;
    // The same, and asking changes nothing.
    [[nodiscard]] virtual Use use_so_far(Frame frame) = 0;

protected:
    ~PageUses() = default;
};

// As traces call it.
[[nodiscard]] std::string_view name_of(PageUses::Use use);

// When a page went, by the clock of the policy that chose it, which counts what it likes and wraps around. It is kept
// with the page's copy on disk, and comes back with the page.
class Departure {
public:
    static constexpr std::uint32_t bits = 24;

    static constexpr Departure at(std::uint32_t time) { return Departure(time & mask); }
    // So much later is `now`.
    [[nodiscard]] constexpr std::uint32_t distance_to(std::uint32_t now) const { return (now - time_) & mask; }
    [[nodiscard]] constexpr std::uint32_t time() const { return time_; }

private:
    static constexpr std::uint32_t mask = (1U << bits) - 1;
    explicit constexpr Departure(std::uint32_t time) : time_(time) {}
    std::uint32_t time_;
};

// The page that is to go.
struct Victim {
    Frame frame;
    std::optional<Departure> departure; // where the policy wants to be told of it when the page comes back
};

// What would become of a page if the policy looked at it now.
enum class Fate : std::uint8_t { goes, used, wanted_back, just_came, younger, stays, gone };
// As people read it: "goes", "stays: used since it was looked at last".
[[nodiscard]] std::string_view description_of(Fate fate);

// A page, and what the policy would do.
struct Candidate {
    Frame frame = Frame(0);
    Fate fate = Fate::goes;
};

// Counted since boot.
struct ReplacementCounts {
    std::uint64_t loaded = 0;   // pages that came
    std::uint64_t refaults = 0; // of them, those that the policy was told the departure of
    std::uint64_t looks = 0;    // times a page's use was asked for
    std::uint64_t chosen = 0;   // pages that were to go
};

class PageReplacer {
public:
    PageReplacer(const PageReplacer&) = delete;
    PageReplacer& operator=(const PageReplacer&) = delete;

    // What people choose it by.
    [[nodiscard]] virtual std::string_view name() const = 0;
    // How it decides, in one line.
    [[nodiscard]] virtual std::string_view summary() const = 0;
    // A page has come into memory, or back. It may be known yet, as one that its frame held before. O(1).
    virtual void loaded(Frame frame, std::optional<Departure> departure) = 0;
    // A page that is known was touched. Only who wants it is told. O(1).
    virtual void touched(Frame /*frame*/) {}
    [[nodiscard]] virtual bool wants_touches() const { return false; }
    // A page that was in memory is to be known again, or from now on: what could not go after all, what another policy
    // knew. O(1).
    virtual void adopt(Frame frame) = 0;
    // The page that is to go; it is not known any more. Nothing where none can. O(1) amortised over the pages that came
    // and were used.
    [[nodiscard]] virtual std::optional<Victim> choose(PageUses& uses) = 0;
    // A page that is known is not wanted soon: it is among the first that are looked at. O(1).
    void make_cold(FrameRecords records, Frame frame) {
        PageQueue(records, queue_of_cold_pages()).push_front(frame);
        records.mark(frame).value = 0;
    }
    // The page that would be looked at first; it is not known any more. Some are known. For handing all over to another
    // policy. O(1).
    [[nodiscard]] virtual Frame give_up() = 0;
    // Pages that it knows, or more: frames that were given back are known until they are met. O(1).
    [[nodiscard]] virtual std::uint32_t known() const = 0;
    // Of these, how many the hand has passed on its way around; nothing where there is no hand.
    [[nodiscard]] virtual std::optional<std::uint32_t> hand() const { return std::nullopt; }
    // The pages that would be looked at next, in this order, as many as there is room for; returns how many. Nothing
    // changes. O(candidates).
    [[nodiscard]] virtual std::size_t preview(PageUses& uses, std::span<Candidate> candidates) const = 0;

    [[nodiscard]] const ReplacementCounts& counts() const { return counts_; }

    // The words that it remembers beside its queues and marks, then nulls: with them and those, another object decides
    // as this one would.
    using StateWords = std::array<std::uint32_t*, 7>;
    [[nodiscard]] virtual StateWords state() { return {}; }

protected:
    PageReplacer() = default;
    ~PageReplacer() = default;

    // Whose first page would be looked at next, or soon.
    [[nodiscard]] virtual std::uint32_t queue_of_cold_pages() { return 0; }

    [[nodiscard]] PageUses::Use look(PageUses& uses, Frame frame) {
        ++counts_.looks;
        return uses.use_since_last(frame);
    }
    // The first page of the queue that can go, whether it was used or not; it is in no queue any more. One round.
    [[nodiscard]] std::optional<Victim> first_that_can(PageQueue& queue, PageUses& uses);
    // The first that was not used since it was looked at last; those that were come to the end. Two rounds: after the
    // first nothing is used that was not used in between.
    [[nodiscard]] std::optional<Victim> first_unused(PageQueue& queue, PageUses& uses);
    // For preview(): the pages of a queue, from the first on. `fate` says what becomes of one that can go.
    template <class FateOf>
    static std::size_t preview_queue(const PageQueue& queue, PageUses& uses, std::span<Candidate> candidates,
                                     FateOf&& fate) {
        std::size_t count = 0;
        queue.visit_while([&](Frame frame) {
            if (count == candidates.size()) {
                return false;
            }
            candidates[count++] = {frame, fate_of(frame, uses.use_so_far(frame), fate)};
            return true;
        });
        return count;
    }

    ReplacementCounts counts_;

private:
    template <class FateOf> static Fate fate_of(Frame frame, PageUses::Use use, FateOf&& fate) {
        switch (use) {
        case PageUses::Use::gone: return Fate::gone;
        case PageUses::Use::stays: return Fate::stays;
        case PageUses::Use::unused: return fate(frame, false);
        case PageUses::Use::used: break;
        }
        return fate(frame, true);
    }
};

} // namespace quire
