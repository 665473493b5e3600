// The symbol table finds the function an address lies in, for any table and any address.
#include "kernel/lib/symbols.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace quire {
namespace {

struct Function {
    std::uint32_t address;
    std::string name;
};

// The words that tools/symbols.cmake would have the assembler make.
std::vector<std::uint32_t> table_of(const std::vector<Function>& functions) {
    const auto count = static_cast<std::uint32_t>(functions.size());
    std::vector<std::uint32_t> words{count, (2 + count) * 4};
    std::string names;
    for (const Function& function : functions) {
        words.push_back(function.address);
        names += function.name + '\0';
    }
    const std::size_t names_start = words.size();
    words.resize(names_start + (names.size() + 3) / 4);
    std::memcpy(words.data() + names_start, names.data(), names.size());
    return words;
}

TEST_CASE("an empty or missing symbol table names nothing", "[symbols]") {
    CHECK(SymbolTable(nullptr).count() == 0);
    CHECK_FALSE(SymbolTable(nullptr).find(0xC0100000));
    const std::vector<std::uint32_t> none = table_of({});
    CHECK_FALSE(SymbolTable(none.data()).find(0xC0100000));
    CHECK(SymbolTable::linked().count() == 0); // the host's programs have none
}

TEST_CASE("a symbol is the function that starts at or last before the address", "[symbols]") {
    const auto words = table_of({{0xC0100000, "first"}, {0xC0100010, "second"}, {0xC0100400, "third"}});
    const SymbolTable table(words.data());
    CHECK(table.count() == 3);
    CHECK_FALSE(table.find(0xC00FFFFF));
    CHECK_FALSE(table.find(0));
    const auto printed = [&](std::uint32_t address) {
        test::StringSink sink;
        print(sink, "{}", table.find(address).value());
        return sink.text();
    };
    CHECK(printed(0xC0100000) == "first+0x0");
    CHECK(printed(0xC010000F) == "first+0xf");
    CHECK(printed(0xC0100010) == "second+0x0");
    CHECK(printed(0xC01003FF) == "second+0x3ef");
    CHECK(printed(0xC0100400) == "third+0x0");
    CHECK(printed(0xFFFFFFFF) == "third+0x3feffbff");
}

TEST_CASE("symbols are found as a linear search finds them", "[symbols]") {
    const std::uint32_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::vector<Function> functions;
    std::uint32_t address = 0xC0100000;
    for (std::uint32_t i = 0; i < 200 + seed; ++i) {
        functions.push_back({address, "function_" + std::to_string(i)});
        address += 1 + static_cast<std::uint32_t>(random() % 64);
    }
    const auto words = table_of(functions);
    for (std::uint32_t probe = 0xC0100000 - 8; probe < address + 8; ++probe) {
        const Function* expected = nullptr;
        for (const Function& function : functions) {
            expected = function.address <= probe ? &function : expected;
        }
        const auto found = SymbolTable(words.data()).find(probe);
        REQUIRE(found.has_value() == (expected != nullptr));
        if (expected != nullptr) {
            REQUIRE(found->name == expected->name);
            REQUIRE(found->offset == probe - expected->address);
        }
    }
}

} // namespace
} // namespace quire
