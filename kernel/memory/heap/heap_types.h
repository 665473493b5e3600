// The words of the kernel heap's interface: who owns a block, what is told about blocks, misuse, leaks and totals.
// Plain values; they own nothing.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/result.h"

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string_view>

namespace quire {

// Where the heap's pages come from. Pages are numbered from the base of the heap's range.
class HeapPages {
public:
    // Makes pages [first, first + count) readable and writable, with any content; all of them or none.
    // Errors: whatever stands in the way, as a rule out_of_memory; then nothing has changed.
    virtual Result<void> commit(std::uint32_t first, std::uint32_t count) = 0;
    // Takes back pages that were committed, by one call of commit or by several. Their content is lost.
    virtual void decommit(std::uint32_t first, std::uint32_t count) = 0;

protected:
    constexpr ~HeapPages() = default;
};

// How much the heap writes down about each block.
enum class HeapMode : std::uint8_t {
    plain,   // owner and alignment: one byte a block
    tracked, // also the line that allocated it, the size asked for and the last mark before it
    debug,   // also the line that freed it; poison, red zones around each block and a quarantine for freed ones
};
[[nodiscard]] std::string_view name_of(HeapMode mode);

// An account that blocks are charged to, registered with KernelHeap::add_owner.
enum class HeapOwner : std::uint8_t { kernel = 0 };
inline constexpr std::size_t most_heap_owners = 16;

struct HeapOwnerUsage {
    std::string_view name;
    std::size_t limit = 0; // bytes; unlimited is the largest number
    std::size_t used = 0;  // bytes of blocks, with what rounding adds
    std::size_t peak = 0;
    std::size_t blocks = 0;
};

// One block, live or freed.
struct HeapBlock {
    enum class State : std::uint8_t { live, free, quarantined };
    const std::byte* address = nullptr; // what allocate returned
    std::size_t bytes = 0;              // what the block takes from the heap
    std::size_t requested = 0;          // what was asked for; in plain mode bytes, for a small block
    State state = State::free;
    HeapOwner owner = HeapOwner::kernel;
    std::source_location allocated{}; // line() is 0 where it is not known
    std::source_location freed{};
};

// Something done to the heap that no correct program does.
struct HeapMisuse {
    enum class Kind : std::uint8_t {
        double_free,        // refused: the block is free already
        interior,           // refused: points into a live block, not at its start
        foreign,            // refused: was never handed out
        overrun,            // debug: bytes behind the block were changed; found when freed or audited
        underrun,           // debug: bytes before the block were changed
        written_after_free, // debug: a freed block was changed; found when it leaves the quarantine or by an audit
    };
    Kind kind = Kind::foreign;
    const void* pointer = nullptr; // what was given, or the first byte that was changed
    std::source_location caller{}; // who called; line() is 0 where it was found later
    HeapBlock block{};             // the block concerned, as far as it is known
};
[[nodiscard]] std::string_view explain(HeapMisuse::Kind kind);
// One line: what is wrong where, who called, and who allocated and first freed the block, as far as known.
void print_to(Sink& sink, const HeapMisuse& misuse);

// Is told of each misuse, at once.
class HeapWatcher {
public:
    virtual void misused(const HeapMisuse& misuse) = 0;

protected:
    constexpr ~HeapWatcher() = default;
};

// A moment; blocks allocated after it can be told from older ones.
struct HeapMark {
    std::uint16_t number = 0;
};

// Live blocks that one line allocated since a mark.
struct HeapLeak {
    std::source_location site{};
    std::size_t blocks = 0;
    std::size_t bytes = 0; // requested
};

struct HeapStatistics {
    std::size_t live_blocks = 0;
    std::size_t live_bytes = 0;      // bytes of blocks, with what rounding adds
    std::size_t requested_bytes = 0; // what was asked for; in plain mode small blocks count in full
    std::size_t peak_live_bytes = 0; // the owners' peaks added up, which need not have been at one time
    std::size_t quarantined_bytes = 0;
    std::uint64_t allocations = 0;
    std::uint64_t frees = 0;
    std::uint32_t refused = 0; // allocations that failed
    std::uint32_t misuses = 0;
    // Pages. committed = in use + cached + books.
    std::uint32_t maximum_pages = 0;
    std::uint32_t committed_pages = 0;
    std::uint32_t peak_committed_pages = 0;
    std::uint32_t used_pages = 0;     // in slabs and large blocks
    std::uint32_t cached_pages = 0;   // free, kept for the next block
    std::uint32_t metadata_pages = 0; // the heap's own
    std::uint64_t commits = 0;        // calls to HeapPages
    std::uint64_t decommits = 0;
    std::uint64_t records_touched =
        0; // page records touched beside that of the block's own slab: what an operation costs
};

struct HeapSizeClass {
    std::size_t block_bytes = 0;
    std::uint32_t slab_pages = 0;
    std::uint32_t slabs = 0;
    std::uint32_t live_blocks = 0;
    std::uint32_t free_blocks = 0; // in those slabs
};

} // namespace quire
