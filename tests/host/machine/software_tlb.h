// A translation lookaside buffer as hardware has it: small, set-associative, and wrong as soon as somebody changes an
// entry and does not say so. It also keeps copies of directory entries (Intel SDM vol. 3A §4.10.3). It never looks into
// memory; the MMU fills it.
#pragma once

#include "kernel/machine/address.h"
#include "kernel/memory/paging/entry.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace quire::test {

// One page's translation, with what both levels allowed when it was made.
struct CachedTranslation {
    Page page;   // of a 4 MiB page the first
    Frame frame; // likewise
    bool large = false;
    bool writable = false, user = false;
    bool global = false;
    bool dirty = false; // the dirty bit in memory is set already
};

struct TlbCounts {
    std::uint64_t look_ups = 0;
    std::uint64_t hits = 0;

    [[nodiscard]] double hit_rate() const {
        return look_ups == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(look_ups);
    }
};

class SoftwareTlb {
public:
    static constexpr std::uint32_t ways = 4;
    static constexpr std::uint32_t small_sets = 64; // for 4 KiB pages
    static constexpr std::uint32_t large_sets = 8;  // for 4 MiB pages
    static constexpr std::uint32_t directory_copies = 64;

    // What is cached of `page`. Counts as a look-up. At most two sets of four are compared: O(1).
    [[nodiscard]] const CachedTranslation* find(Page page);
    // Keeps a translation, pushing out the oldest of its set.
    void insert(const CachedTranslation& translation);

    // The copy of a directory entry that points to a table, if there is one.
    [[nodiscard]] std::optional<Pde> directory_entry(std::uint32_t index) const;
    void insert_directory_entry(std::uint32_t index, Pde entry);

    // INVLPG: the page's translation, global or not, and every copy of a directory entry. §4.10.4.1.
    void invalidate(Page page);
    // CR3 load: all but global translations, and every copy of a directory entry.
    void flush();
    // CR4.PGE changed: everything.
    void flush_global();

    // Calls visit(const CachedTranslation&) for each that is kept, and visit(index, Pde) for each copy of a directory
    // entry.
    template <class Visitor> void for_each_translation(Visitor&& visit) const {
        for (const std::span<const Set> sets : {std::span<const Set>(small_), std::span<const Set>(large_)}) {
            for (const Set& set : sets) {
                for (const Slot& slot : set.slots) {
                    if (slot.valid) {
                        visit(slot.translation);
                    }
                }
            }
        }
    }
    template <class Visitor> void for_each_directory_entry(Visitor&& visit) const {
        for (const DirectoryCopy& copy : copies_) {
            if (copy.valid) {
                visit(copy.index, copy.entry);
            }
        }
    }

    [[nodiscard]] const TlbCounts& counts() const { return counts_; }
    void reset_counts() { counts_ = {}; }

private:
    struct Slot {
        bool valid = false;
        CachedTranslation translation;
    };
    struct Set {
        std::array<Slot, ways> slots;
        std::uint32_t next = 0; // the slot to fill next
    };
    struct DirectoryCopy {
        bool valid = false;
        std::uint32_t index = 0;
        Pde entry;
    };

    [[nodiscard]] Set& set_of(Page page, bool large);
    static Slot* find_in(Set& set, Page page);
    template <class Drop> void drop_where(Drop drop);
    void drop_directory_entries() { copies_.fill({}); }

    std::array<Set, small_sets> small_{};
    std::array<Set, large_sets> large_{};
    std::array<DirectoryCopy, directory_copies> copies_{};
    TlbCounts counts_;
};

} // namespace quire::test
