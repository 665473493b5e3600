// Each kind of a user's entry says what it is, keeps what must be kept when it becomes another, and is written as the
// layout table and the documentation say.
#include "kernel/memory/paging/user_pte.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

namespace quire {
namespace {

constexpr Frame some_frame(0xABCDE);

TEST_CASE("An empty entry is a word of zeros", "[user_pte]") {
    constexpr UserPte empty;
    CHECK(empty.kind() == UserPteKind::empty);
    CHECK(empty.word().raw() == 0);
    CHECK(empty.is_empty());
    CHECK_FALSE(empty.has_frame());
    CHECK(empty.well_formed());
}

TEST_CASE("A page that is present is the program's, and may be written or not", "[user_pte]") {
    for (const bool writable : {false, true}) {
        const UserPte pte = UserPte::present(some_frame, writable);
        CHECK(pte.kind() == UserPteKind::present);
        CHECK((pte.has_frame() && pte.frame() == some_frame));
        CHECK(pte.writable() == writable);
        CHECK((pte.word().present() && pte.word().user() && !pte.word().global()));
        CHECK(pte.well_formed());
        CHECK(pte.with_writable(!writable).writable() != writable);
        CHECK(pte.with_writable(!writable).with_writable(writable) == pte);
    }
}

TEST_CASE("A page that nobody may touch keeps its frame, and what the processor has noted of it", "[user_pte]") {
    const UserPte written(
        UserPte::present(some_frame, true).word().with(EntryField::accessed, 1).with(EntryField::dirty, 1));
    const UserPte kept = written.with_access(false);
    CHECK(kept.kind() == UserPteKind::no_access);
    CHECK_FALSE(kept.word().present());
    CHECK((kept.has_frame() && kept.frame() == some_frame));
    CHECK((kept.accessed() && kept.dirty()));
    CHECK(kept.well_formed());
    CHECK(kept.with_access(true) == written);
}

TEST_CASE("A page whose content is on its way has a frame and nothing else", "[user_pte]") {
    constexpr UserPte awaited = UserPte::in_transit(some_frame);
    CHECK(awaited.kind() == UserPteKind::in_transit);
    CHECK_FALSE(awaited.word().present());
    CHECK((awaited.has_frame() && awaited.frame() == some_frame && !awaited.has_content()));
    CHECK_FALSE((awaited.writable() || awaited.accessed() || awaited.dirty()));
    CHECK(awaited.well_formed());
    CHECK_FALSE(UserPte(awaited.word().with(EntryField::writable, 1)).well_formed());
}

TEST_CASE("A page that is hidden is as it was when it is shown again", "[user_pte]") {
    for (const bool writable : {false, true}) {
        const UserPte used = UserPte::present(some_frame, writable).with_accessed(true).with_dirty();
        const UserPte hidden = used.hidden();
        CHECK(hidden.kind() == UserPteKind::hidden);
        CHECK_FALSE(hidden.word().present());
        CHECK((hidden.has_frame() && hidden.has_content() && hidden.frame() == some_frame));
        CHECK((hidden.writable() == writable && hidden.accessed() && hidden.dirty()));
        CHECK(hidden.well_formed());
        CHECK(hidden.shown() == used);
        CHECK(hidden.with_access(false) == used.with_access(false));
    }
}

TEST_CASE("A word that is none of the kinds is found", "[user_pte]") {
    CHECK_FALSE(UserPte(Pte(0x00001000)).well_formed());                                // no mark
    CHECK_FALSE(UserPte(Pte(0x00001000).with(EntryField::available, 5)).well_formed()); // another mark
    CHECK_FALSE(UserPte(UserPte::present(some_frame, true).word().with(EntryField::available, 2)).well_formed());
}

TEST_CASE("docs/address-space.md says how each kind is written", "[user_pte]") {
    std::ifstream page(QUIRE_SOURCE_DIR "/docs/address-space.md");
    std::stringstream content;
    content << page.rdbuf();
    constexpr std::array<std::string_view, user_pte_layout.size()> names{"empty",      "present", "no access",
                                                                         "in transit", "swapped", "hidden"};
    std::string rows = "| kind | P | available | frame | meaning |\n|---|---|---|---|---|\n";
    for (const UserPteLayout& each : user_pte_layout) {
        rows += "| " + std::string(names[static_cast<std::size_t>(each.kind)]) + " | " + (each.present ? "1" : "0") +
                " | " + std::to_string(each.mark) + " | " + (each.has_frame ? "yes" : "no") + " | " +
                std::string(each.meaning) + " |\n";
    }
    INFO("the table should be\n" << rows);
    CHECK(content.str().find(rows) != std::string::npos);
}

} // namespace
} // namespace quire
