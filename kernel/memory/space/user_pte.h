// What one entry of a user's page table stands for: a closed set of cases, so that whoever looks at an entry has an
// answer for each, and the compiler says where one is missing. How each case is written into the 32-bit word, the table
// `user_pte_layout` says; nobody else looks at raw bits.
#pragma once

#include "kernel/memory/paging/entry.h"
#include "kernel/memory/paging/page_table.h"
#include "kernel/memory/paging/physical_memory.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace quire {

enum class UserPteKind : std::uint8_t {
    empty,      // nothing: a touch makes the page
    present,    // a frame, which the processor uses as the entry's fields say
    no_access,  // a frame that is kept, and that nobody may touch (PROT_NONE)
    in_transit, // a frame whose content is on its way: see page_request.h
};

// How a kind is told from the others. A word with the present bit is the processor's; of any other it reads nothing
// (Intel SDM vol. 3A §4.3, table 4-6: bits 31:1 are ignored), so that all of it is the kernel's own. `mark` stands in
// the entry's field `available`; the other marks are free, for kinds that do not exist yet: on disk, with another
// torus.
struct UserPteLayout {
    UserPteKind kind;
    bool present;
    std::uint32_t mark;
    bool has_frame;
    std::string_view meaning;
};
inline constexpr std::array<UserPteLayout, 4> user_pte_layout{{
    {UserPteKind::empty, false, 0, false, "nothing; the whole word is 0"},
    {UserPteKind::present, true, 0, true, "a frame, mapped as the other fields say"},
    {UserPteKind::no_access, false, 2, true, "a frame that is kept but that nobody may touch"},
    {UserPteKind::in_transit, false, 4, true, "a frame whose content is on its way"},
}};

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

    [[nodiscard]] constexpr UserPteKind kind() const {
        if (word_.present()) {
            return UserPteKind::present;
        }
        if (word_.raw() == 0) {
            return UserPteKind::empty;
        }
        return word_.available() == mark_of(UserPteKind::in_transit) ? UserPteKind::in_transit : UserPteKind::no_access;
    }
    [[nodiscard]] constexpr bool is_empty() const { return kind() == UserPteKind::empty; }
    [[nodiscard]] constexpr bool is_present() const { return kind() == UserPteKind::present; }
    // Whether a frame is behind it: that of a page that is present, kept, or on its way.
    [[nodiscard]] constexpr bool has_frame() const {
        switch (kind()) {
        case UserPteKind::empty: return false;
        case UserPteKind::present:
        case UserPteKind::no_access:
        case UserPteKind::in_transit: return true;
        }
        return false;
    }
    // Whether a touch that is allowed would find the content there. Counted as resident.
    [[nodiscard]] constexpr bool has_content() const { return has_frame() && kind() != UserPteKind::in_transit; }
    // has_frame() only.
    [[nodiscard]] constexpr Frame frame() const { return word_.frame(); }
    [[nodiscard]] constexpr bool writable() const { return word_.writable(); }
    [[nodiscard]] constexpr bool accessed() const { return word_.accessed(); }
    [[nodiscard]] constexpr bool dirty() const { return word_.dirty(); }

    // The same page, to be written or only to be read. Accessed and dirty stay. Of a page that has its content.
    [[nodiscard]] constexpr UserPte with_writable(bool writable) const {
        return UserPte(word_.with(EntryField::writable, writable ? 1 : 0));
    }
    // The same page, kept: with access, or so that nobody may touch it. Accessed and dirty stay. The same.
    [[nodiscard]] constexpr UserPte with_access(bool access) const {
        return UserPte(word_.with(EntryField::present, access ? 1 : 0)
                           .with(EntryField::available, access ? 0 : mark_of(UserPteKind::no_access)));
    }

    // Whether the word is written as the layout says.
    [[nodiscard]] constexpr bool well_formed() const {
        const UserPteLayout& layout = user_pte_layout[static_cast<std::size_t>(kind())];
        return word_.present() == layout.present && word_.available() == layout.mark &&
               (layout.has_frame || word_ == Pte()) &&
               (kind() != UserPteKind::in_transit || *this == in_transit(frame()));
    }
    // As the processor reads it.
    [[nodiscard]] constexpr Pte word() const { return word_; }

    friend constexpr bool operator==(UserPte, UserPte) = default;

private:
    [[nodiscard]] static constexpr std::uint32_t mark_of(UserPteKind kind) {
        return user_pte_layout[static_cast<std::size_t>(kind)].mark;
    }

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

} // namespace quire
