// The frames of one torus: who owns each, how many share it, and which to hand out next. It owns these books, in
// memory that it is given; it never touches the content of a frame and decides nothing about what is mapped where.
//
// Frames are handed out in address order, lowest first, so that what is free stays together in whole 4 MiB blocks. In
// front stands the cache: a small stack of frames to hand out next, which makes the common case as quick as a stack can
// be. A freed frame enters it where that keeps the order; when it is empty, a word's worth is taken from the bitmap.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/memory/frames/frame_bitmap.h"
#include "kernel/memory/frames/frame_run.h"
#include "kernel/memory/frames/owner.h"
#include "kernel/memory/frames/page_table_allocator.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace quire {

// All in frames, but for the counters at the end, which count operations since boot (a run of n frames counts n).
struct FrameStatistics {
    std::uint32_t total = 0;        // frame numbers there are, holes included
    std::uint32_t ram = 0;          // all that is not absent
    std::uint32_t free = 0;         // those in the cache included
    std::uint32_t in_cache = 0;     // of the free ones, handed out next
    std::uint32_t promised = 0;     // of the free ones, kept for reservations
    std::uint32_t whole_blocks = 0; // free 4 MiB blocks
    std::array<std::uint32_t, owner_count> by_owner{};
    std::uint64_t allocations = 0;
    std::uint64_t frees = 0;
    std::uint64_t cache_hits = 0; // allocations served by the cache as it stood

    [[nodiscard]] std::uint32_t of(Owner owner) const { return by_owner[static_cast<std::size_t>(owner)]; }
};

class FrameAllocator;

// Who is told when a frame is given back that it watches.
class FrameWatcher {
public:
    // The frame is about to be free, and is watched no longer.
    virtual void frame_freed(Frame frame) = 0;
    // Somebody was refused a frame.
    virtual void frame_refused() = 0;

protected:
    ~FrameWatcher() = default;
};

// Free frames promised to its holder, so that what needs several can check first and then cannot fail. What was not
// taken is given back when it goes.
class FrameReservation {
public:
    FrameReservation(FrameReservation&& other) noexcept;
    FrameReservation& operator=(FrameReservation&&) = delete;
    ~FrameReservation();

    // A frame out of those left(); there must be one.
    [[nodiscard]] Frame take(Owner owner);
    // More, or fewer, of left(), are promised from now on. Error of more: out_of_memory. O(1).
    [[nodiscard]] Result<void> promise(std::uint32_t more);
    void give_back(std::uint32_t fewer);
    [[nodiscard]] std::uint32_t left() const { return left_; }

private:
    friend class FrameAllocator;
    FrameReservation(FrameAllocator& frames, std::uint32_t count) : frames_(&frames), left_(count) {}

    FrameAllocator* frames_;
    std::uint32_t left_;
};

class FrameAllocator final : public PageTableAllocator {
public:
    static constexpr std::uint32_t cache_size = 256;

    // Bytes of metadata for frames 0 … frame_count - 1: about 5.2 for each.
    [[nodiscard]] static constexpr std::size_t metadata_size(std::uint32_t frame_count);

    // Knows frames 0 … frame_count - 1 (1 … 2^20), all of them absent. `metadata` holds metadata_size(frame_count)
    // bytes, aligned to 4, kept for the life of the allocator and used by nothing else; what is in them does not
    // matter. O(frame_count), by fills.
    FrameAllocator(std::span<std::byte> metadata, std::uint32_t frame_count);
    FrameAllocator(const FrameAllocator&) = delete;
    FrameAllocator& operator=(const FrameAllocator&) = delete;

    // ---- While booting

    // RAM that the firmware reported: absent -> free. Errors: out_of_range; not_free where a frame is no longer
    // absent. O(count), by fills.
    Result<void> add_ram(FrameRun run);

    // Takes these very frames: free -> owner. Errors: out_of_range; foreign where one is absent; not_free where one is
    // owned; out_of_memory where all are free but promised to a reservation; invalid_argument for no frames or for an
    // owner that is none. O(count), by fills.
    Result<void> claim_boot_run(FrameRun run, Owner owner);

    // Frames set aside while booting (reserved, kernel, module, metadata) that are needed no more -> free. Errors:
    // out_of_range; foreign where one is absent; double_free where one is free; not_free where one was handed out at
    // run time; invalid_argument for no frames. O(count).
    Result<void> release_boot_run(FrameRun run);

    // Frames below `limit` (a multiple of 4 MiB) are handed out last, so that devices which reach no further can still
    // be served by allocate_below() and allocate_run(). Nothing is kept back: they are used before memory runs out.
    void hand_out_last_below(Frame limit);

    // ---- Handing out and taking back

    // One frame; its content is whatever was there before. Errors: out_of_memory; invalid_argument for an owner that is
    // none. O(1): the cache, and to fill it at most 32 words of the bitmap.
    [[nodiscard]] Result<Frame> allocate(Owner owner);

    // The lowest free frame, if it lies below `limit`. Errors as above. O(1); empties the cache where it must.
    [[nodiscard]] Result<Frame> allocate_below(Owner owner, Frame limit);

    // `count` frames in a row, the first at a multiple of `alignment` (a power of two), all below `limit`. Errors:
    // out_of_memory where no such run was found (FrameBitmap::find_run tells what is always found); too_large for more
    // frames than there are; invalid_argument for no frames, an alignment that is no power of two, or an owner that is
    // none. O(1) to find, O(count) by fills to take.
    [[nodiscard]] Result<FrameRun> allocate_run(Owner owner, std::uint32_t count, std::uint32_t alignment = 1,
                                                Frame limit = Frame(frames_in_4_gib));

    // Gives a frame back. Errors: double_free if it is free; reserved if it was set aside while booting; foreign if
    // there is no RAM; out_of_range; not_free if others still share it. O(1): at most 4 words of the bitmap.
    Result<void> free(Frame frame);
    // The same by address; misaligned where it is not the frame's first byte.
    Result<void> free(PhysAddr address);
    // Frees all frames of the run or, where free() would refuse one, none, with that error; invalid_argument for no
    // frames. O(count), by fills.
    Result<void> free_run(FrameRun run);

    // Promises `count` free frames to the caller. Error: out_of_memory. O(1).
    [[nodiscard]] Result<FrameReservation> reserve(std::uint32_t count);

    // ---- Owners and sharers. A frame that was handed out has one sharer: who asked for it. A count has room for every
    // entry of every page table that memory could hold, so that there is always room for one sharer more. The errors
    // are those of free(), not_free aside.

    // One more sharer. O(1).
    Result<void> share(Frame frame);
    // One sharer less; the last one gives the frame back. Returns how many are left. O(1).
    [[nodiscard]] Result<std::uint32_t> release(Frame frame);
    // The frame goes to another class. Error: also invalid_argument for a class that is not handed out. O(1).
    Result<void> transfer(Frame frame, Owner owner);

    // ---- The same for the frames that page tables map: quick, and nothing to the frames that were set aside while
    // booting, which nobody counts. The frame must be RAM, and not free.

    [[nodiscard, gnu::always_inline]] bool is_counted(Frame frame) const {
        return (owners_[frame.number()] & owner_mask) >= static_cast<std::uint8_t>(first_handed_out);
    }
    // Whether the frame is anonymous and has one sharer.
    [[nodiscard]] bool is_sole_anonymous(Frame frame) const {
        return (owners_[frame.number()] & ~watched_flag) == static_cast<std::uint8_t>(Owner::anonymous);
    }
    void share_mapped(Frame frame);
    void release_mapped(Frame frame);

    // ---- Frames that somebody keeps something for

    // There is one watcher; null: none.
    void set_watcher(FrameWatcher* watcher) { watcher_ = watcher; }
    // From now on the watcher is told when the frame, which is handed out, is given back; or not any more. O(1).
    void watch(Frame frame) {
        watched_ += is_watched(frame) ? 0U : 1U;
        owners_[frame.number()] |= watched_flag;
    }
    void unwatch(Frame frame) {
        watched_ -= is_watched(frame) ? 1U : 0U;
        owners_[frame.number()] &= static_cast<std::uint8_t>(~watched_flag);
    }
    [[nodiscard]] std::uint32_t watched_count() const { return watched_; }
    [[nodiscard]] bool is_watched(Frame frame) const { return (owners_[frame.number()] & watched_flag) != 0; }

    // For any frame number: absent for those out of range. O(1).
    [[nodiscard]] Owner owner(Frame frame) const;
    // How many hold the frame: 0 where it is not handed out. O(1).
    [[nodiscard]] std::uint32_t share_count(Frame frame) const;
    [[nodiscard]] std::uint32_t frame_count() const { return bitmap_.size(); }
    [[nodiscard]] std::uint32_t free_count() const { return bitmap_.free_count() + cache_count_; }
    // Of these, those that are promised to nobody.
    [[nodiscard]] std::uint32_t available() const { return free_count() - promised_; }
    // Answers out_of_memory, and tells the watcher that somebody wants a frame in vain: also for those who looked at
    // available() by themselves.
    [[nodiscard]] std::unexpected<Error> refuse() const;
    // So many of them programs' pages (anonymous, file, shared) do not get: where pages can be put out, the kernel's
    // own needs are to be met meanwhile.
    void keep_from_programs(std::uint32_t frames);

    // Frames of a class. O(1).
    [[nodiscard]] std::uint32_t count_of(Owner owner) const;
    // O(1), but for counting whole free blocks: 32 words for 4 GiB.
    [[nodiscard]] FrameStatistics statistics() const;

    // Checks that owners, counts, bitmap and cache agree. O(frame_count).
    void audit(AuditReport& report) const;

    // ---- PageTableAllocator
    [[nodiscard]] Result<Frame> allocate_table() override { return allocate(Owner::page_table); }
    void free_table(Frame frame) override;
    [[nodiscard]] bool is_table(Frame frame) const override { return owner(frame) == Owner::page_table; }

private:
    friend class FrameReservation;
    friend class ReleaseBatch;

    // A frame's entry in owners_: its Owner, whether share_counts_ has a count for it (of two or more), and whether the
    // watcher is told when it goes.
    static constexpr std::uint8_t shared_flag = 0x80, watched_flag = 0x40;
    static constexpr std::uint8_t owner_mask = 0x3F;
    static_assert(owner_count <= owner_mask);

    [[nodiscard]] static constexpr std::size_t bitmap_bytes(std::uint32_t frame_count) {
        return FrameBitmap::words_needed(frame_count) * sizeof(FrameBitmap::Word);
    }

    // Where a frame stands in the order of handing out: by address, but those below last_below_ come last (their
    // difference wraps).
    [[nodiscard]] std::uint32_t rank(std::uint32_t frame) const { return frame - last_below_; }
    [[nodiscard]] bool contains(FrameRun run) const;
    [[nodiscard]] Result<void> check_handed_out(Frame frame) const;

    [[nodiscard]] Frame take_from_cache(Owner owner);
    [[nodiscard]] Result<Frame> allocate_unhurried(Owner owner);
    Result<void> free_to_bitmap(std::uint32_t number);
    void tell_watcher(std::uint32_t number);
    [[nodiscard]] bool has_frame_for(Owner owner) const;
    void fill_cache();
    void mind_kept();
    void drain_cache();
    [[nodiscard]] std::optional<std::uint32_t> find_run(std::uint32_t count, std::uint32_t alignment,
                                                        std::uint32_t limit) const;
    void own_run(FrameRun run, Owner owner);
    void pool_run(FrameRun run);
    void release_run(FrameRun run);
    void free_anonymous_run(FrameRun run);
    [[nodiscard]] std::uint64_t gave_count(Owner owner) const;

    void audit_frames(AuditReport& report) const;
    void audit_cache(AuditReport& report) const;

    FrameBitmap bitmap_;
    FrameWatcher* watcher_ = nullptr;
    std::uint32_t watched_ = 0;   // frames
    std::uint32_t* share_counts_; // valid where the owner byte has shared_flag; written when it is set
    std::uint8_t* owners_;

    // The cache. Its frames are free to the outside, but taken in the bitmap.
    std::array<std::uint32_t, cache_size> cache_{};
    std::uint32_t cache_count_ = 0;

    std::uint32_t last_below_ = 0;
    std::uint32_t lowest_rank_ = ~std::uint32_t{0}; // no free frame of the bitmap has a lower rank
    std::uint32_t promised_ = 0;
    std::uint32_t kept_ = 0;          // from programs …
    std::uint32_t kept_in_cache_ = 0; // … and of these, those that the cache must have

    // How many frames each owner ever got and gave back; the difference is what it has. `free` is not counted: that is
    // free_count(). Frames given back one by one are counted apart while the owner stays the same: who it is only shows
    // once its byte has come from memory, and a counter chosen by that byte would make each free wait for the one
    // before (measured: the whole operation takes twice as long).
    std::array<std::uint64_t, owner_count> got_{};
    std::array<std::uint64_t, owner_count> gave_{};
    std::uint8_t giver_ = static_cast<std::uint8_t>(first_handed_out); // the owner that gave back last …
    std::uint64_t giver_gave_ = 0; // … and how many since it did, not in gave_ yet
    std::uint64_t transfers_ = 0;
    std::uint64_t from_bitmap_ = 0; // allocations that had to go to the bitmap
};

// Gives back anonymous frames that nobody else has, those that lie one after the other as runs: what was touched in
// order is given back by whole words. All is given back when this goes.
class ReleaseBatch {
public:
    explicit ReleaseBatch(FrameAllocator& frames) : frames_(&frames) {}
    ReleaseBatch(const ReleaseBatch&) = delete;
    ReleaseBatch& operator=(const ReleaseBatch&) = delete;
    ~ReleaseBatch() { give_back(); }

    // False, and nothing done, where the frame is not anonymous with one sharer, or is watched.
    [[nodiscard]] bool add(Frame frame) {
        if (frames_->owners_[frame.number()] != static_cast<std::uint8_t>(Owner::anonymous)) {
            return false;
        }
        if (frame == run_.end()) {
            ++run_.count;
        } else {
            give_back();
            run_ = {frame, 1};
        }
        return true;
    }

private:
    void give_back() {
        if (run_.count == 1) {
            frames_->release_mapped(run_.first);
        } else if (run_.count != 0) {
            frames_->free_anonymous_run(run_);
        }
    }

    FrameAllocator* frames_;
    FrameRun run_;
};

inline Result<void> FrameReservation::promise(std::uint32_t more) {
    if (more > frames_->available()) [[unlikely]] {
        return frames_->refuse();
    }
    frames_->promised_ += more;
    left_ += more;
    return {};
}

inline void FrameReservation::give_back(std::uint32_t fewer) {
    frames_->promised_ -= fewer;
    left_ -= fewer;
}

inline void FrameAllocator::share_mapped(Frame frame) {
    std::uint8_t& byte = owners_[frame.number()];
    if ((byte & shared_flag) != 0) {
        ++share_counts_[frame.number()];
    } else if (is_counted(frame)) {
        byte |= shared_flag;
        share_counts_[frame.number()] = 2;
    }
}

inline void FrameAllocator::release_mapped(Frame frame) {
    std::uint8_t& byte = owners_[frame.number()];
    if ((byte & shared_flag) != 0) {
        if (--share_counts_[frame.number()] == 1) {
            byte &= static_cast<std::uint8_t>(~shared_flag);
        }
    } else if (is_counted(frame)) {
        ensure(free(frame).has_value(), "a frame that is mapped is somebody's");
    }
}

constexpr std::size_t FrameAllocator::metadata_size(std::uint32_t frame_count) {
    return bitmap_bytes(frame_count) + std::size_t{frame_count} * (sizeof(std::uint32_t) + sizeof(std::uint8_t));
}

} // namespace quire
