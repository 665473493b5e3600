// Pages that must stay where they are for a moment: who waited for a page pins it, so that it is still there when the
// access is made again, and what replaces pages passes over it (only tests do so yet). A pin gives no right to the
// frame and keeps nobody else from it. Pins are few and short: they end when their holder blocks for anything but a
// page, or goes back to ring 3.
#pragma once

#include "kernel/lib/list.h"
#include "kernel/machine/address.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace quire {

// One thread's pins, of any torus. The oldest gives way where one more is asked for.
class PagePins {
public:
    // As many as an access can need at once: a copy of a page between two others that both straddle a boundary.
    static constexpr std::size_t most = 4;

    PagePins() = default;
    PagePins(const PagePins&) = delete;
    PagePins& operator=(const PagePins&) = delete;
    ~PagePins() { release(); }

    [[nodiscard]] bool any() const { return list_ != nullptr; }
    [[nodiscard]] bool has(Frame frame) const {
        return std::find(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(count_), frame) !=
               frames_.begin() + static_cast<std::ptrdiff_t>(count_);
    }
    inline void release();

private:
    friend class PinnedPages;
    std::array<Frame, most> frames_{};
    std::size_t count_ = 0, next_ = 0;
    class PinnedPages* list_ = nullptr; // where it is known; null: no pins
    ListLink<PagePins> link_;
};

// All pins of one torus: what the choice of a page to replace asks.
class PinnedPages {
public:
    PinnedPages() = default;
    PinnedPages(const PinnedPages&) = delete;
    PinnedPages& operator=(const PinnedPages&) = delete;

    // O(1).
    void pin(PagePins& pins, Frame frame) {
        if (pins.list_ == nullptr) {
            pins.list_ = this;
            holders_.push_back(pins);
        }
        if (!pins.has(frame)) {
            pins.frames_[pins.next_] = frame;
            pins.next_ = (pins.next_ + 1) % PagePins::most;
            pins.count_ = std::min(pins.count_ + 1, PagePins::most);
        }
    }
    // O(threads that have pins).
    [[nodiscard]] bool is_pinned(Frame frame) const {
        if (frame == held_) {
            return true;
        }
        for (const PagePins* each = holders_.front(); each != nullptr; each = Holders::next(*each)) {
            if (each->has(frame)) {
                return true;
            }
        }
        return false;
    }

private:
    friend class PagePins;
    friend class HeldPage;
    Frame held_{}; // frame 0, which nobody pins: none
    using Holders = List<PagePins, &PagePins::link_>;
    Holders holders_;
};

// A page that is filled or read right now, by one who does not wait meanwhile; there is one at a time.
class HeldPage {
public:
    HeldPage(PinnedPages& pinned, Frame frame) : pinned_(&pinned) { pinned.held_ = frame; }
    HeldPage(const HeldPage&) = delete;
    HeldPage& operator=(const HeldPage&) = delete;
    ~HeldPage() { pinned_->held_ = Frame(); }

private:
    PinnedPages* pinned_;
};

inline void PagePins::release() {
    if (list_ != nullptr) {
        list_->holders_.erase(*this);
        list_ = nullptr;
        count_ = next_ = 0;
    }
}

} // namespace quire
