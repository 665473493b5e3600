// The frame allocator: the cache, the bitmap and the owner bytes kept in step, and every refusal by its name.
#include "kernel/memory/frames/frame_allocator.h"

#include <algorithm>
#include <utility>

namespace quire {
namespace {

// Whether a frame can be taken for `owner`.
constexpr bool is_taker(Owner owner) {
    return owner > Owner::free && static_cast<std::size_t>(owner) < owner_count;
}

// Whether `count` bytes are all `value`. Four at a time: while booting this runs over a byte for every frame.
bool all_are(const std::uint8_t* bytes, std::uint32_t count, std::uint8_t value) {
    std::uint32_t differences = 0;
    std::uint32_t at = 0;
    for (; at + 4 <= count; at += 4) {
        std::uint32_t four = 0;
        __builtin_memcpy(&four, bytes + at, 4);
        differences |= four ^ (value * 0x01010101U);
    }
    for (; at < count; ++at) {
        differences |= static_cast<std::uint32_t>(bytes[at] ^ value);
    }
    return differences == 0;
}

// The bitmap's part of the metadata, which comes first because it wants the strictest alignment.
std::span<FrameBitmap::Word> bitmap_words(std::span<std::byte> metadata, std::uint32_t frame_count) {
    ensure(metadata.size() >= FrameAllocator::metadata_size(frame_count),
           "the frame allocator has metadata_size() bytes");
    ensure(reinterpret_cast<std::uintptr_t>(metadata.data()) % alignof(FrameBitmap::Word) == 0,
           "the frame allocator's metadata are aligned to 4 bytes");
    return {reinterpret_cast<FrameBitmap::Word*>(metadata.data()), FrameBitmap::words_needed(frame_count)};
}

} // namespace

// ---- Reservations

FrameReservation::FrameReservation(FrameReservation&& other) noexcept
    : frames_(other.frames_), left_(std::exchange(other.left_, 0)) {}

FrameReservation::~FrameReservation() {
    frames_->promised_ -= left_;
}

Frame FrameReservation::take(Owner owner) {
    ensure(left_ > 0, "a reservation gives only as many frames as it was made for");
    ensure(is_taker(owner), "a promised frame is taken for somebody");
    --left_;
    --frames_->promised_;
    frames_->fill_cache();
    return frames_->take_from_cache(owner);
}

Result<FrameReservation> FrameAllocator::reserve(std::uint32_t count) {
    if (count > available()) {
        return refuse();
    }
    promised_ += count;
    return FrameReservation(*this, count);
}

// ---- Books

FrameAllocator::FrameAllocator(std::span<std::byte> metadata, std::uint32_t frame_count)
    : bitmap_(bitmap_words(metadata, frame_count), frame_count),
      share_counts_(reinterpret_cast<std::uint32_t*>(metadata.data() + bitmap_bytes(frame_count))),
      owners_(reinterpret_cast<std::uint8_t*>(share_counts_ + frame_count)) {
    std::fill_n(owners_, frame_count, byte_of(Owner::absent));
    got_[byte_of(Owner::absent)] = frame_count;
}

bool FrameAllocator::contains(FrameRun run) const {
    return run.count <= frame_count() && run.first.number() <= frame_count() - run.count;
}

Owner FrameAllocator::owner(Frame frame) const {
    if (frame.number() >= frame_count()) {
        return Owner::absent;
    }
    return static_cast<Owner>(owners_[frame.number()] & owner_mask);
}

std::uint32_t FrameAllocator::share_count(Frame frame) const {
    if (!handed_out(owner(frame))) {
        return 0;
    }
    return (owners_[frame.number()] & shared_flag) != 0 ? share_counts_[frame.number()] : 1;
}

// Whether free(), share(), release() and transfer() may touch the frame, and if not, why.
Result<void> FrameAllocator::check_handed_out(Frame frame) const {
    if (frame.number() >= frame_count()) {
        return fail(Error::out_of_range);
    }
    const Owner who = owner(frame);
    if (handed_out(who)) {
        return {};
    }
    switch (who) {
    case Owner::absent: return fail(Error::foreign);
    case Owner::free: return fail(Error::double_free);
    default: return fail(Error::reserved);
    }
}

// Gives a run, all free and in the bitmap, to `owner`.
void FrameAllocator::own_run(FrameRun run, Owner owner) {
    ensure(bitmap_.take_run(run.first.number(), run.count), "a free frame outside the cache is free in the bitmap");
    std::fill_n(owners_ + run.first.number(), run.count, byte_of(owner));
    got_[byte_of(owner)] += run.count;
    from_bitmap_ += run.count;
}

// Puts a run, taken in the bitmap and counted for no owner any more, back.
void FrameAllocator::pool_run(FrameRun run) {
    ensure(bitmap_.free_run(run.first.number(), run.count), "a frame that is not free is taken in the bitmap");
    std::fill_n(owners_ + run.first.number(), run.count, byte_of(Owner::free));
    const bool holds_rank_0 = run.first.number() < last_below_ && last_below_ < run.end().number();
    lowest_rank_ = holds_rank_0 ? 0 : std::min(lowest_rank_, rank(run.first.number()));
}

// ---- While booting

Result<void> FrameAllocator::add_ram(FrameRun run) {
    if (!contains(run)) {
        return fail(Error::out_of_range);
    }
    if (!all_are(owners_ + run.first.number(), run.count, byte_of(Owner::absent))) {
        return fail(Error::not_free);
    }
    if (run.count > 0) {
        gave_[byte_of(Owner::absent)] += run.count;
        pool_run(run);
    }
    return {};
}

Result<void> FrameAllocator::claim_boot_run(FrameRun run, Owner owner) {
    if (run.count == 0 || !is_taker(owner)) {
        return fail(Error::invalid_argument);
    }
    if (!contains(run)) {
        return fail(Error::out_of_range);
    }
    if (!all_are(owners_ + run.first.number(), run.count, byte_of(Owner::free))) {
        const std::uint8_t* const owners = owners_ + run.first.number();
        const bool hole = std::find(owners, owners + run.count, byte_of(Owner::absent)) != owners + run.count;
        return fail(hole ? Error::foreign : Error::not_free);
    }
    if (run.count > available()) {
        return fail(Error::out_of_memory);
    }
    if (!bitmap_.run_is_free(run.first.number(), run.count)) {
        drain_cache();
    }
    own_run(run, owner);
    return {};
}

Result<void> FrameAllocator::release_boot_run(FrameRun run) {
    if (run.count == 0) {
        return fail(Error::invalid_argument);
    }
    if (!contains(run)) {
        return fail(Error::out_of_range);
    }
    for (Frame frame = run.first; frame < run.end(); frame = frame + 1) {
        switch (owner(frame)) {
        case Owner::absent: return fail(Error::foreign);
        case Owner::free: return fail(Error::double_free);
        default:
            if (handed_out(owner(frame))) {
                return fail(Error::not_free);
            }
        }
    }
    release_run(run);
    return {};
}

void FrameAllocator::hand_out_last_below(Frame limit) {
    ensure(limit.number() % frames_per_large_page == 0, "what is handed out last ends at a multiple of 4 MiB");
    last_below_ = limit.number();
    lowest_rank_ = 0;
}

// ---- Handing out

Result<Frame> FrameAllocator::allocate(Owner owner) {
    // More in the cache than could be promised: nothing else to ask.
    if (cache_count_ > promised_ + kept_in_cache_ && is_taker(owner)) [[likely]] {
        return take_from_cache(owner);
    }
    return allocate_unhurried(owner);
}

bool FrameAllocator::has_frame_for(Owner owner) const {
    const bool of_program = owner == Owner::anonymous || owner == Owner::file || owner == Owner::shared;
    return available() > (of_program ? kept_ : 0);
}

[[gnu::noinline]] std::unexpected<Error> FrameAllocator::refuse() const {
    if (watcher_ != nullptr) {
        watcher_->frame_refused();
    }
    return fail(Error::out_of_memory);
}

// Apart, so that the registers it needs cost the common case nothing.
[[gnu::noinline]] Result<Frame> FrameAllocator::allocate_unhurried(Owner owner) {
    if (!is_taker(owner)) {
        return fail(Error::invalid_argument);
    }
    if (!has_frame_for(owner)) {
        return refuse();
    }
    fill_cache();
    return take_from_cache(owner);
}

inline Frame FrameAllocator::take_from_cache(Owner owner) {
    const std::uint32_t number = cache_[--cache_count_];
    owners_[number] = byte_of(owner);
    ++got_[byte_of(owner)];
    return Frame(number);
}

// There is a free frame: sees to it that the cache has one.
void FrameAllocator::fill_cache() {
    if (cache_count_ > 0) {
        return;
    }
    std::optional<FrameBitmap::Batch> batch = bitmap_.take_batch(lowest_rank_ + last_below_);
    if (!batch) {
        batch = bitmap_.take_batch(0); // nothing left but what is handed out last
    }
    if (!batch) [[unlikely]] {
        panic("a free frame that is not in the cache is free in the bitmap");
    }
    // The highest goes in first, so that the lowest comes out first.
    for (FrameBitmap::Word mask = batch->mask; mask != 0;) {
        const auto highest = static_cast<std::uint32_t>(std::bit_width(mask)) - 1;
        cache_[cache_count_++] = batch->first + highest;
        mask ^= FrameBitmap::Word{1} << highest;
    }
    lowest_rank_ = rank(cache_[cache_count_ - 1]);
    ++from_bitmap_;
    mind_kept();
}

// As long as the bitmap has plenty, what is kept from programs is there, and the cache is theirs.
void FrameAllocator::mind_kept() {
    kept_in_cache_ = bitmap_.free_count() < 2 * kept_ ? kept_ : 0;
}

void FrameAllocator::keep_from_programs(std::uint32_t frames) {
    kept_ = frames;
    mind_kept();
}

Result<Frame> FrameAllocator::allocate_below(Owner owner, Frame limit) {
    if (!is_taker(owner)) {
        return fail(Error::invalid_argument);
    }
    if (available() == 0) {
        return refuse();
    }
    // Where there is none, the limit stands for one that lies too high.
    std::uint32_t found = bitmap_.find().value_or(limit.number());
    if (found >= limit.number() && cache_count_ > 0) {
        drain_cache();
        found = bitmap_.find().value_or(limit.number());
    }
    if (found >= limit.number()) {
        return refuse();
    }
    own_run({Frame(found), 1}, owner);
    return Frame(found);
}

Result<FrameRun> FrameAllocator::allocate_run(Owner owner, std::uint32_t count, std::uint32_t alignment, Frame limit) {
    if (count == 0 || !std::has_single_bit(alignment) || !is_taker(owner)) {
        return fail(Error::invalid_argument);
    }
    if (count > frame_count()) {
        return fail(Error::too_large);
    }
    if (count > available()) {
        return refuse();
    }
    std::optional<std::uint32_t> found = find_run(count, alignment, limit.number());
    if (!found && cache_count_ > 0) {
        drain_cache();
        found = find_run(count, alignment, limit.number());
    }
    if (!found) {
        return refuse();
    }
    const FrameRun run{Frame(*found), count};
    own_run(run, owner);
    return run;
}

std::optional<std::uint32_t> FrameAllocator::find_run(std::uint32_t count, std::uint32_t alignment,
                                                      std::uint32_t limit) const {
    const std::optional<std::uint32_t> found = bitmap_.find_run(count, alignment, last_below_, limit);
    return found || last_below_ == 0 ? found : bitmap_.find_run(count, alignment, 0, limit);
}

// ---- Taking back

Result<void> FrameAllocator::free(Frame frame) {
    const std::uint32_t number = frame.number();
    if (number >= frame_count()) {
        return fail(Error::out_of_range);
    }
    const std::uint8_t byte = owners_[number];
    if (byte != giver_) { // the one before had an owner that can give back; this one may not
        if ((byte & ~owner_mask) == watched_flag) {
            tell_watcher(number);
            return free(frame);
        }
        if (!handed_out(static_cast<Owner>(byte))) { // nor is the byte of a shared frame, with its flag, any owner's
            return fail((byte & shared_flag) != 0 ? Error::not_free : check_handed_out(frame).error());
        }
        gave_[giver_] += std::exchange(giver_gave_, 0);
        giver_ = byte;
    }
    ++giver_gave_;
    owners_[number] = byte_of(Owner::free);
    // Above the lowest 4 MiB block with free frames, using the frame again would keep its block from becoming whole.
    const bool in_order = rank(number) / frames_per_large_page <= lowest_rank_ / frames_per_large_page;
    if (!in_order || cache_count_ == cache_size) {
        return free_to_bitmap(number);
    }
    cache_[cache_count_++] = number;
    return {};
}

[[gnu::noinline]] void FrameAllocator::tell_watcher(std::uint32_t number) {
    watcher_->frame_freed(Frame(number));
    unwatch(Frame(number));
}

Result<void> FrameAllocator::free_to_bitmap(std::uint32_t number) {
    ensure(bitmap_.free(number), "a frame that is not free is taken in the bitmap");
    lowest_rank_ = std::min(lowest_rank_, rank(number));
    return {};
}

// Everything that looks for particular frames does so in the bitmap.
void FrameAllocator::drain_cache() {
    while (cache_count_ > 0) {
        must_succeed(free_to_bitmap(cache_[--cache_count_]));
    }
}

Result<void> FrameAllocator::free(PhysAddr address) {
    if (!address.page_aligned()) {
        return fail(Error::misaligned);
    }
    return free(Frame::containing(address));
}

Result<void> FrameAllocator::free_run(FrameRun run) {
    if (run.count == 0) {
        return fail(Error::invalid_argument);
    }
    if (!contains(run)) {
        return fail(Error::out_of_range);
    }
    for (Frame frame = run.first; frame < run.end(); frame = frame + 1) {
        if (const Result<void> refused = check_handed_out(frame); !refused) {
            return refused;
        }
        if (share_count(frame) > 1) {
            return fail(Error::not_free);
        }
    }
    release_run(run);
    return {};
}

// All frames of the run are somebody's, and nobody else's.
void FrameAllocator::release_run(FrameRun run) {
    for (Frame frame = run.first; frame < run.end(); frame = frame + 1) {
        ++gave_[byte_of(owner(frame))];
    }
    pool_run(run);
}

void FrameAllocator::free_anonymous_run(FrameRun run) {
    gave_[byte_of(Owner::anonymous)] += run.count;
    pool_run(run);
}

void FrameAllocator::free_table(Frame frame) {
    ensure(is_table(frame) && free(frame).has_value(), "only a page table's frame, held once, is freed as one");
}

// ---- Owners and sharers

Result<void> FrameAllocator::share(Frame frame) {
    if (const Result<void> refused = check_handed_out(frame); !refused) {
        return refused;
    }
    std::uint8_t& byte = owners_[frame.number()];
    std::uint32_t& sharers = share_counts_[frame.number()];
    sharers = (byte & shared_flag) != 0 ? sharers + 1 : 2;
    byte |= shared_flag;
    return {};
}

Result<std::uint32_t> FrameAllocator::release(Frame frame) {
    if (const Result<void> refused = check_handed_out(frame); !refused) {
        return fail(refused.error());
    }
    std::uint8_t& byte = owners_[frame.number()];
    if ((byte & shared_flag) == 0) {
        if (const Result<void> refused = free(frame); !refused) {
            return fail(refused.error());
        }
        return 0U;
    }
    const std::uint32_t left = --share_counts_[frame.number()];
    if (left == 1) {
        byte &= static_cast<std::uint8_t>(~shared_flag);
    }
    return left;
}

Result<void> FrameAllocator::transfer(Frame frame, Owner owner) {
    if (!handed_out(owner) || !is_taker(owner)) {
        return fail(Error::invalid_argument);
    }
    if (const Result<void> refused = check_handed_out(frame); !refused) {
        return refused;
    }
    std::uint8_t& byte = owners_[frame.number()];
    ++gave_[byte_of(this->owner(frame))];
    ++got_[byte_of(owner)];
    ++transfers_;
    byte = static_cast<std::uint8_t>((byte & ~owner_mask) | byte_of(owner));
    return {};
}

// ---- Watching

std::uint32_t FrameAllocator::count_of(Owner owner) const {
    if (owner == Owner::free) {
        return free_count();
    }
    return static_cast<std::uint32_t>(got_[byte_of(owner)] - gave_count(owner));
}

std::uint64_t FrameAllocator::gave_count(Owner owner) const {
    return gave_[byte_of(owner)] + (byte_of(owner) == giver_ ? giver_gave_ : 0);
}

FrameStatistics FrameAllocator::statistics() const {
    FrameStatistics statistics{.total = frame_count(),
                               .ram = frame_count() - count_of(Owner::absent),
                               .free = free_count(),
                               .in_cache = cache_count_,
                               .promised = promised_,
                               .whole_blocks = bitmap_.whole_blocks()};
    for (const Owner owner : all_owners()) {
        statistics.by_owner[byte_of(owner)] = count_of(owner);
        if (owner != Owner::absent) {
            statistics.allocations += got_[byte_of(owner)];
            statistics.frees += gave_count(owner);
        }
    }
    statistics.allocations -= transfers_;
    statistics.frees -= transfers_;
    statistics.cache_hits = statistics.allocations - from_bitmap_;
    return statistics;
}

} // namespace quire
