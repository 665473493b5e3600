// What one entry of a user's page table stands for: a closed set of cases, so that whoever looks at an entry has an
// answer for each, and the compiler says where one is missing. How each case is written into the 32-bit word, the table
// `user_pte_layout` says; nobody else looks at raw bits.
#pragma once

#include "kernel/machine/mmu.h"
#include "kernel/memory/paging/entry.h"
#include "kernel/memory/paging/page_table.h"
#include "kernel/memory/paging/physical_memory.h"
#include "kernel/memory/paging/swap_slot.h"
#include "kernel/memory/paging/tlb_flush.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace quire {

enum class UserPteKind : std::uint8_t {
    empty,      // nothing: a touch makes the page
    present,    // a frame, which the processor uses as the entry's fields say
    no_access,  // a frame that is kept, and that nobody may touch (PROT_NONE)
    in_transit, // a frame whose content is on its way, in or out: see page_request.h
    swapped,    // no frame: the page is in a swap slot
    hidden,     // a frame as if present, which the processor is not shown, so that the next touch is seen
};

// How a kind is told from the others. A word with the present bit is the processor's; of any other it reads nothing
// (Intel SDM vol. 3A §4.3, table 4-6: bits 31:1 are ignored), so that all of it is the kernel's own. `mark` stands in
// the entry's field `available`; the other marks are free, for kinds that do not exist yet: with another torus.
struct UserPteLayout {
    UserPteKind kind;
    bool present;
    std::uint32_t mark;
    bool has_frame;
    std::string_view meaning;
};
inline constexpr std::array<UserPteLayout, 6> user_pte_layout{{
    {UserPteKind::empty, false, 0, false, "nothing; the whole word is 0"},
    {UserPteKind::present, true, 0, true, "a frame, mapped as the other fields say"},
    {UserPteKind::no_access, false, 2, true, "a frame that is kept but that nobody may touch"},
    {UserPteKind::in_transit, false, 4, true, "a frame whose content is on its way"},
    {UserPteKind::swapped, false, 6, false, "no frame: the number (bits 31:12) and area (bits 8:1) of a swap slot"},
    {UserPteKind::hidden, false, 1, true, "a frame as if present: the next touch shows it, and is seen by that"},
}};

[[nodiscard]] constexpr std::uint32_t mark_of(UserPteKind kind) {
    return user_pte_layout[static_cast<std::size_t>(kind)].mark;
}

class UserPte {
public:
    constexpr UserPte() = default; // empty
    // What stands in a table. A word that is none of the kinds is a broken invariant, found by audit.
    explicit constexpr UserPte(Pte word) : word_(word) {}

    // A page of `frame`, which a program may write or only read.
    [[nodiscard]] static constexpr UserPte present(Frame frame, bool writable) {
        return UserPte(Pte::for_page(frame, writable ? protection::user_data : protection::user_read_only));
    }
    // A page whose content comes into `frame` later. What may be done with it is decided when it has come.
    [[nodiscard]] static constexpr UserPte in_transit(Frame frame) {
        return UserPte(Pte()
                           .with(EntryField::available, mark_of(UserPteKind::in_transit))
                           .with(EntryField::frame, frame.number()));
    }
    // A page that is in `slot`. What may be done with it is decided when it has come back.
    [[nodiscard]] static constexpr UserPte swapped(SwapSlot slot) {
        return UserPte(Pte(slot.number() << slot_number_bit | slot.area() << slot_area_bit)
                           .with(EntryField::available, mark_of(UserPteKind::swapped)));
    }

    [[nodiscard]] constexpr UserPteKind kind() const {
        if (word_.present()) {
            return UserPteKind::present;
        }
        if (word_.raw() == 0) {
            return UserPteKind::empty;
        }
        switch (word_.available()) {
        case mark_of(UserPteKind::in_transit): return UserPteKind::in_transit;
        case mark_of(UserPteKind::swapped): return UserPteKind::swapped;
        case mark_of(UserPteKind::hidden): return UserPteKind::hidden;
        default: return UserPteKind::no_access;
        }
    }
    [[nodiscard]] constexpr bool is_empty() const { return word_.raw() == 0; }
    [[nodiscard]] constexpr bool is_present() const { return word_.present(); }
    // Whether a frame is behind it: that of a page that is present, kept, or on its way.
    [[nodiscard]] constexpr bool has_frame() const {
        switch (kind()) {
        case UserPteKind::empty:
        case UserPteKind::swapped: return false;
        case UserPteKind::present:
        case UserPteKind::no_access:
        case UserPteKind::in_transit:
        case UserPteKind::hidden: return true;
        }
        return false;
    }
    // Whether a touch that is allowed would find the content there. Counted as resident.
    [[nodiscard]] constexpr bool has_content() const { return has_frame() && kind() != UserPteKind::in_transit; }
    // has_frame() only.
    [[nodiscard]] constexpr Frame frame() const { return word_.frame(); }
    // Of a page that is swapped.
    [[nodiscard]] constexpr SwapSlot slot() const {
        constexpr std::uint32_t area_mask = SwapSlot::most_areas - 1;
        return {word_.raw() >> slot_area_bit & area_mask, word_.raw() >> slot_number_bit};
    }
    [[nodiscard]] constexpr bool writable() const { return word_.writable(); }
    [[nodiscard]] constexpr bool accessed() const { return word_.accessed(); }
    [[nodiscard]] constexpr bool dirty() const { return word_.dirty(); }

    // The same page, to be written or only to be read. Accessed and dirty stay. Of a page that has its content.
    [[nodiscard]] constexpr UserPte with_writable(bool writable) const {
        return UserPte(word_.with(EntryField::writable, writable ? 1 : 0));
    }
    // The same page, written to, by the kernel, which goes around the processor's own mark; or as if it was not. The
    // same.
    [[nodiscard]] constexpr UserPte with_dirty(bool dirty = true) const {
        return UserPte(word_.with(EntryField::dirty, dirty ? 1 : 0));
    }
    // The same page, touched or not touched since. Of a page that is present.
    [[nodiscard]] constexpr UserPte with_accessed(bool accessed) const {
        return UserPte(word_.with(EntryField::accessed, accessed ? 1 : 0));
    }
    // The same page, kept: with access, or so that nobody may touch it. Accessed and dirty stay. The same.
    [[nodiscard]] constexpr UserPte with_access(bool access) const {
        return UserPte(word_.with(EntryField::present, access ? 1 : 0)
                           .with(EntryField::available, access ? 0 : mark_of(UserPteKind::no_access)));
    }

    // The same page, which the processor is not shown, or is shown again. Of a page that is present, or hidden.
    [[nodiscard]] constexpr UserPte hidden() const {
        return UserPte(word_.with(EntryField::present, 0).with(EntryField::available, mark_of(UserPteKind::hidden)));
    }
    [[nodiscard]] constexpr UserPte shown() const { return with_access(true); }

    // Whether the word is written as the layout says.
    [[nodiscard]] constexpr bool well_formed() const {
        const UserPteLayout& layout = user_pte_layout[static_cast<std::size_t>(kind())];
        return word_.present() == layout.present && word_.available() == layout.mark &&
               (kind() != UserPteKind::empty || word_ == Pte()) &&
               (kind() != UserPteKind::in_transit || *this == in_transit(frame()));
    }
    // As the processor reads it.
    [[nodiscard]] constexpr Pte word() const { return word_; }

    friend constexpr bool operator==(UserPte, UserPte) = default;

private:
    static constexpr unsigned slot_number_bit = 12, slot_area_bit = 1;
    static_assert(slot_number_bit + SwapSlot::number_bits == 32);
    static_assert(slot_area_bit + SwapSlot::area_bits == layout_of(EntryField::available).bit);

    Pte word_;
};
static_assert(sizeof(UserPte) == sizeof(Pte));

// A user's page table, within reach as long as this lives.
class UserTable {
public:
    UserTable(PhysicalMemory& memory, Frame frame) : entries_(memory, frame) {}

    [[nodiscard, gnu::always_inline]] UserPte operator[](std::uint32_t index) const { return UserPte(entries_[index]); }
    [[gnu::always_inline]] void set(std::uint32_t index, UserPte pte) const { entries_.set(index, pte.word()); }

private:
    PageTable entries_;
};

// Whether the entry's page, which is seen at `page`, was touched since that was forgotten last; it is forgotten now
// where `forget`, and then the processor looks at the entry anew. O(1).
inline bool was_touched(const UserTable& entries, std::uint32_t index, Page page, bool forget, TlbStatistics& flushes) {
    const UserPte pte = entries[index];
    if (!pte.has_content() || !pte.accessed()) {
        return false;
    }
    if (forget) {
        entries.set(index, pte.with_accessed(false));
        machine::invalidate_page(page);
        ++flushes.pages_invalidated;
    }
    return true;
}

} // namespace quire
