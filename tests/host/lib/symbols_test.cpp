// The symbol table finds the function an address lies in, for any table and any address.
#include "kernel/lib/symbols.h"
#include "tests/host/support/string_sink.h"
#include "tests/host/support/symbol_words.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

namespace quire {
namespace {

std::string text_of(const Symbol& symbol) {
    test::StringSink sink;
    print(sink, "{}", symbol);
    return sink.text();
}

TEST_CASE("an empty or missing symbol table names nothing", "[symbols]") {
    CHECK(SymbolTable(nullptr).count() == 0);
    CHECK_FALSE(SymbolTable(nullptr).find(0xC0100000));
    CHECK_FALSE(test::SymbolWords({}).table().find(0xC0100000));
    CHECK(SymbolTable::linked().count() == 0); // the host's programs have none
}

TEST_CASE("a symbol is the function that starts at or last before the address", "[symbols]") {
    const test::SymbolWords words(
        {{0xC0100000, "first"}, {0xC0100010, "Some::second"}, {0xC0100400, "a::Some::third"}});
    const SymbolTable table = words.table();
    CHECK(table.count() == 3);
    CHECK_FALSE(table.find(0xC00FFFFF));
    CHECK_FALSE(table.find(0));
    const auto printed = [&](std::uint32_t address) { return text_of(table.find(address).value()); };
    CHECK(printed(0xC0100000) == "first+0x0");
    CHECK(printed(0xC010000F) == "first+0xf");
    CHECK(printed(0xC0100010) == "Some::second+0x0");
    CHECK(printed(0xC01003FF) == "Some::second+0x3ef");
    CHECK(printed(0xC0100400) == "a::Some::third+0x0");
    CHECK(printed(0xFFFFFFFF) == "a::Some::third+0x3feffbff");
}

TEST_CASE("a name is made of characters and words of one and of two bytes", "[symbols]") {
    std::vector<std::pair<std::uint32_t, std::string>> functions;
    constexpr std::uint32_t count = 300, start = 0xC0100000;
    for (std::uint32_t number = 0; number < count; ++number) {
        functions.emplace_back(start + number, "Scope" + std::to_string(number) + "::f" + std::to_string(number));
    }
    const test::SymbolWords words(functions);
    for (std::uint32_t number = 0; number < count; ++number) {
        REQUIRE(text_of(words.table().find(start + number).value()) == functions[number].second + "+0x0");
    }
}

TEST_CASE("symbols are found as a linear search finds them", "[symbols]") {
    const std::uint32_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::vector<std::pair<std::uint32_t, std::string>> functions;
    std::uint32_t address = 0xC0100000;
    for (std::uint32_t i = 0; i < 200 + seed; ++i) {
        functions.emplace_back(address, "scope_" + std::to_string(i % 7) + "::function_" + std::to_string(i));
        address += 1 + static_cast<std::uint32_t>(random() % 64);
    }
    const test::SymbolWords words(functions);
    for (std::uint32_t probe = 0xC0100000 - 8; probe < address + 8; ++probe) {
        const std::pair<std::uint32_t, std::string>* expected = nullptr;
        for (const auto& function : functions) {
            expected = function.first <= probe ? &function : expected;
        }
        const auto found = words.table().find(probe);
        REQUIRE(found.has_value() == (expected != nullptr));
        if (expected != nullptr) {
            REQUIRE(found->offset == probe - expected->first);
            const std::string text = text_of(*found);
            REQUIRE(text.substr(0, text.find('+')) == expected->second);
        }
    }
}

} // namespace
} // namespace quire
