// What mkswap writes is understood, and what it would not write is refused with a reason.
#include "kernel/memory/paging/swap_slot.h"
#include "kernel/memory/swap/swap_header.h"
#include "tests/host/support/string_sink.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <string_view>

using namespace quire;
using namespace quire::test;

namespace {

// The first page of an area of `pages` pages, as mkswap writes it (Linux, include/linux/swap.h).
struct FirstPage {
    explicit FirstPage(std::uint32_t pages) {
        words[256] = 1;
        words[257] = pages - 1;
        sign("SWAPSPACE2");
    }
    void sign(std::string_view signature) {
        std::memcpy(reinterpret_cast<char*>(words.data()) + page_size - 10, signature.data(), signature.size());
    }
    void bad(std::initializer_list<std::uint32_t> pages) {
        words[258] = static_cast<std::uint32_t>(pages.size());
        std::copy(pages.begin(), pages.end(), words.begin() + 384);
    }
    [[nodiscard]] std::string refusal(std::uint32_t store_pages) const {
        StringSink why;
        const Result<SwapHeader> header = read_swap_header(words, store_pages, why);
        CHECK(header == fail(Error::malformed));
        return why.text();
    }
    std::array<std::uint32_t, words_per_page> words{};
};

} // namespace

TEST_CASE("a swap area's first page says how large it is and which pages are bad", "[swap]") {
    FirstPage page(100);
    page.bad({7, 99});
    StringSink why;
    const Result<SwapHeader> header = read_swap_header(page.words, 100, why);
    REQUIRE(header);
    CHECK(header->pages == 100);
    CHECK(std::vector(header->bad.begin(), header->bad.end()) == std::vector<std::uint32_t>{7, 99});
    CHECK(why.text().empty());
}

TEST_CASE("a larger area than slots can name is used as far as they go", "[swap]") {
    StringSink why;
    const Result<SwapHeader> header = read_swap_header(FirstPage(3U << 20).words, 3U << 20, why);
    REQUIRE(header);
    CHECK(header->pages == SwapSlot::most_numbers);
    CHECK(why.text() == "of its 3145728 pages the first 1048576 are used");
}

TEST_CASE("what is no swap area is refused with the reason", "[swap]") {
    FirstPage page(100);
    SECTION("no signature") {
        page.sign("ABCDEFGHIJ");
        CHECK(page.refusal(100) == "it has no swap signature; mkswap makes one");
    }
    SECTION("the old format") {
        page.sign("SWAP-SPACE");
        CHECK(page.refusal(100) == "it has the old format, SWAP-SPACE; mkswap makes the new one");
    }
    SECTION("a suspended system") {
        page.sign("S1SUSPEND");
        CHECK(page.refusal(100) == "it holds the memory of a suspended system");
    }
    SECTION("the other byte order") {
        page.words[256] = 0x01000000;
        CHECK(page.refusal(100) == "it was made on a machine of the other byte order");
    }
    SECTION("another version") {
        page.words[256] = 2;
        CHECK(page.refusal(100) == "its version is 2, and 1 is known");
    }
    SECTION("a disk that has shrunk") {
        CHECK(page.refusal(99) == "it says that its last page is number 99, and there are 99");
    }
    SECTION("no pages") {
        page.words[257] = 0;
        CHECK(page.refusal(100) == "it says that its last page is number 0, and there are 100");
    }
    SECTION("more bad pages than fit") {
        page.words[258] = 638;
        CHECK(page.refusal(100) == "it says that 638 of its pages are bad; it can name 637");
    }
    SECTION("a bad page that is none") {
        page.bad({100});
        CHECK(page.refusal(100) == "it says that page 100 is bad, which it does not have");
    }
    SECTION("the header itself, bad") {
        page.bad({0});
        CHECK(page.refusal(100) == "it says that page 0 is bad, which it does not have");
    }
}
