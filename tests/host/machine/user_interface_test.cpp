// User memory through the simulated machine: what is copied, how far a copy comes, and what is refused without a look.
#include "kernel/machine/user.h"
#include "kernel/machine/user_memory.h"
#include "tests/host/support/booted_torus.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <string_view>

namespace quire {
namespace {

constexpr Page first_page(0x08048);

// A torus with two pages of a program: one that can be written, and above it one that can only be read.
class TwoPages {
public:
    TwoPages() {
        for (const bool writable : {true, false}) {
            const Frame frame = torus->memory.frames.allocate(Owner::anonymous).value();
            torus->memory.physical.zero(frame);
            const Page page = first_page + (writable ? 0 : 1);
            const Protection protection = writable ? protection::user_data : protection::user_read_only;
            REQUIRE(torus->memory.directory.map(page, frame, protection));
        }
    }

    test::BootedTorus torus{{.smap = true}};
    VirtAddr start = first_page.start();
    VirtAddr constant = (first_page + 1).start();
    VirtAddr end = (first_page + 2).start();
};

} // namespace

TEST_CASE("bytes go to a program's memory and come back") {
    TwoPages pages;
    constexpr std::string_view text = "fifteen letters";
    REQUIRE(machine::copy_to_user(pages.start + 3, text.data(), text.size()) == 0);
    std::array<char, text.size()> back{};
    REQUIRE(machine::copy_from_user(back.data(), pages.start + 3, back.size()) == 0);
    CHECK(std::string_view(back.data(), back.size()) == text);
    CHECK_FALSE(pages.torus.machine.read(pages.start).has_value()); // SMAP holds again
}

TEST_CASE("a copy ends at the very byte that cannot be reached, and says how many are left") {
    TwoPages pages;
    std::array<char, 100> bytes{};
    CHECK(machine::copy_to_user(pages.constant - 33, bytes.data(), bytes.size()) == 67);
    CHECK(machine::copy_from_user(bytes.data(), pages.end - 61, bytes.size()) == 39);
    CHECK(machine::zero_user(pages.constant - 7, 8) == 1);
    CHECK(machine::zero_user(pages.constant, 8) == 8);
}

TEST_CASE("what is not a program's is refused, however the sum wraps") {
    TwoPages pages;
    std::array<char, 8> bytes{};
    CHECK(machine::copy_from_user(bytes.data(), VirtAddr(machine::kernel_base), 8) == 8);
    CHECK(machine::copy_to_user(machine::user_end - 4, bytes.data(), 8) == 8);
    CHECK(machine::copy_to_user(VirtAddr(0xFFFFFFFC), bytes.data(), 8) == 8);
    CHECK(machine::zero_user(pages.start, 0xFFFFFFFF) == 0xFFFFFFFF);
    CHECK(machine::copy_from_user(bytes.data(), VirtAddr(0), 0) == 0);
    CHECK_FALSE(machine::load_user_word(machine::user_end).has_value());
    CHECK_FALSE(machine::store_user_word(machine::user_end - 2, 0));
    CHECK_FALSE(machine::user_string_length(machine::user_end, 5).has_value());
}

TEST_CASE("a text is as long as its NUL says, or as one looks, if it can be read") {
    TwoPages pages;
    REQUIRE(machine::copy_to_user(pages.start, "seventh", 8) == 0);
    CHECK(machine::user_string_length(pages.start, 100) == 7);
    CHECK(machine::user_string_length(pages.start, 7) == 7);
    CHECK(machine::user_string_length(pages.start, 3) == 3);
    CHECK(machine::user_string_length(pages.constant, 3) == 0);
    CHECK_FALSE(machine::user_string_length(pages.end, 3).has_value());
    CHECK(machine::user_string_length(pages.end, 0) == 0);
}

TEST_CASE("words are loaded, stored and exchanged") {
    TwoPages pages;
    const VirtAddr word = pages.start + 0x10;
    REQUIRE(machine::store_user_word(word, 7));
    CHECK(machine::load_user_word(word) == 7U);
    CHECK(machine::compare_exchange_user_word(word, 8, 9) == 7U);
    CHECK(machine::load_user_word(word) == 7U);
    CHECK(machine::compare_exchange_user_word(word, 7, 9) == 7U);
    CHECK(machine::load_user_word(word) == 9U);
    CHECK_FALSE(machine::compare_exchange_user_word(pages.constant, 0, 1).has_value());
    CHECK_FALSE(machine::store_user_word(pages.constant - 2, 1));
    CHECK(machine::load_user_word(pages.constant - 2) == 0U);
}

} // namespace quire
