// A region: a run of a process's pages with one access, one kind and one backing. A plain record; the regions of an
// address space lie in its tree and, in the order of their addresses, in a list. Which frames are behind the pages is
// the page tables' business.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/list.h"
#include "kernel/lib/tree.h"
#include "kernel/machine/address.h"
#include "kernel/memory/objects/memory_object.h"

#include <cstdint>
#include <string_view>

namespace quire {

// What a program may do with a page: PROT_READ, PROT_WRITE, PROT_EXEC, as they were asked for. On this processor a page
// that may be written or executed may also be read.
struct Access {
    bool read : 1 = false;
    bool write : 1 = false;
    bool execute : 1 = false;

    [[nodiscard]] static constexpr Access all() { return {.read = true, .write = true, .execute = true}; }
    // Whether the page can be touched at all.
    [[nodiscard]] constexpr bool any() const { return read || write || execute; }
    // Whether nothing is in it that is not in `most`.
    [[nodiscard]] constexpr bool within(Access most) const {
        return (!read || most.read) && (!write || most.write) && (!execute || most.execute);
    }
    friend constexpr bool operator==(Access, Access) = default;
};
// "rwx", "r--".
void print_to(Sink& sink, const Access& access);

enum class RegionKind : std::uint8_t {
    mapping,     // what mmap made, anonymous or of a file
    program,     // a segment of the program or its interpreter
    heap,        // what brk made
    stack,       // the first stack of a program
    signal_page, // the code that signal handlers without a restorer return through
};
[[nodiscard]] std::string_view name_of(RegionKind kind);

// What regions must have in common to become one, where their pages and their object's follow each other.
struct RegionTraits {
    Access access{};                   // now
    Access max_access = Access::all(); // what protect() may give
    RegionKind kind = RegionKind::mapping;
    bool shared : 1 = false;       // writes are seen by all who map the same object
    bool grows_down : 1 = false;   // a fault below extends it
    bool no_reserve : 1 = false;   // MAP_NORESERVE
    bool charged : 1 = false;      // its pages count as committed memory
    bool locked : 1 = false;       // mlock
    bool dont_fork : 1 = false;    // MADV_DONTFORK: a clone does not have it
    bool wipe_on_fork : 1 = false; // MADV_WIPEONFORK: a clone has it empty

    friend constexpr bool operator==(RegionTraits, RegionTraits) = default;
};

struct Region : ObjectMapping {
    RegionTraits traits;
    MemoryObject* object = nullptr; // null: anonymous and private. Holds a reference

    TreeLink<Region> in_tree;
    ListLink<Region> in_order;     // by address
    std::uint32_t gap = 0;         // pages below it that a mapping may have, down to the region before it
    std::uint32_t largest_gap = 0; // of the regions of its subtree, large ones rounded up: see region_tree.h

    [[nodiscard]] Page end() const { return first + pages; }
    [[nodiscard]] bool contains(Page page) const { return page - first < pages; }
    // The object's page behind `page`, which is in the region.
    [[nodiscard]] std::uint32_t object_index(Page page) const { return object_page + (page - first); }
};

} // namespace quire
