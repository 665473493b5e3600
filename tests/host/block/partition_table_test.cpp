// Partition tables as they are written, and as they should not be.
#include "kernel/block/partition_table.h"
#include "tests/host/support/random.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

namespace quire::test {
namespace {

constexpr std::uint64_t disk_size = 100'000;

// Sectors of a disk, all zero but those that a test writes; one may fail.
class Table final : public SectorReader {
public:
    struct Entry {
        std::uint8_t type;
        std::uint32_t start, sectors;
        std::uint8_t flags = 0;
    };

    Table& put(std::uint64_t at, const std::vector<Entry>& entries) {
        Sector& sector = sectors[at];
        std::size_t place = 446;
        for (const Entry& each : entries) {
            sector.at(place) = std::byte{each.flags};
            sector.at(place + 4) = std::byte{each.type};
            for (unsigned i = 0; i < 4; ++i) {
                sector.at(place + 8 + i) = static_cast<std::byte>(each.start >> (8 * i));
                sector.at(place + 12 + i) = static_cast<std::byte>(each.sectors >> (8 * i));
            }
            place += 16;
        }
        sector[510] = std::byte{0x55};
        sector[511] = std::byte{0xAA};
        return *this;
    }
    Result<void> read(std::uint64_t number, Sector& into) override {
        ++reads;
        if (number == failing || number >= disk_size) {
            return fail(Error::input_output);
        }
        into = sectors[number];
        return {};
    }
    // "1:2048+1000 5:9000+10", or what is wrong.
    std::string text() {
        const Result<PartitionTable> table = read_partition_table(*this, disk_size);
        if (!table) {
            return std::string(name_of(table.error()));
        }
        std::string text(table->complaint);
        CHECK((table->complaint.empty() || table->entries.empty()));
        for (const PartitionEntry& each : table->entries) {
            CHECK(each.start + each.sectors <= disk_size);
            text += (text.empty() ? "" : " ") + std::to_string(each.number) + ":" + std::to_string(each.start) + "+" +
                    std::to_string(each.sectors);
        }
        return text;
    }

    std::map<std::uint64_t, Sector> sectors;
    std::uint64_t failing = ~std::uint64_t{0};
    unsigned reads = 0;
};

constexpr std::uint8_t linux_type = 0x83, swap_type = 0x82, extended = 0x05;

} // namespace

TEST_CASE("A disk without a table has no partitions", "[block]") {
    CHECK(Table().text().empty());
    Table file_system;
    file_system.put(0, {{linux_type, 1, 10, 0x12}}); // ends like a table, and is a program for the BIOS
    CHECK(file_system.text().empty());
}

TEST_CASE("Primary and logical partitions are found where they are", "[block]") {
    Table table;
    table.put(0, {{linux_type, 2048, 1000, 0x80}, {0, 0, 0}, {extended, 10'000, 50'000}, {swap_type, 60'000, 40'000}});
    table.put(10'000, {{linux_type, 63, 937}, {extended, 1000, 2000}});
    table.put(11'000, {{swap_type, 63, 100}, {extended, 7000, 5000}});
    table.put(17'000, {{linux_type, 1, 43'000 - 1}});
    CHECK(table.text() == "1:2048+1000 4:60000+40000 5:10063+937 6:11063+100 7:17001+42999");
    CHECK(table.reads == 4);
    table.failing = 11'000;
    CHECK(table.text() == name_of(Error::input_output));
}

TEST_CASE("A damaged table is not used at all", "[block]") {
    struct Case {
        std::vector<Table::Entry> entries;
        std::string complaint;
    };
    for (const Case& c : std::vector<Case>{
             {{{linux_type, 1, 10}, {linux_type, 99'999, 2}}, "a partition is not all on the disk"},
             {{{linux_type, 4'000'000'000, 4'000'000'000}}, "a partition is not all on the disk"},
             {{{linux_type, 0, 10}}, "a partition is not all on the disk"},
             {{{extended, 10, 100'000}}, "the extended partition is not all on the disk"},
             {{{extended, 0, 10}}, "the extended partition is not all on the disk"},
             {{{extended, 10, 10}, {0x0F, 30, 10}}, "there are two extended partitions"},
             {{{extended, 10, 10}}, "the chain of logical partitions leads nowhere"}, // no table there
             {{{0xEE, 1, 99'999}}, "it is a GPT, which is not read here"},
         }) {
        Table table;
        table.put(0, c.entries);
        CHECK(table.text() == c.complaint);
    }
    Table beyond;
    beyond.put(0, {{extended, 1000, 1000}}).put(1000, {{linux_type, 900, 101}});
    CHECK(beyond.text() == "a logical partition is not all in the extended one");
    Table circle;
    circle.put(0, {{extended, 1000, 1000}}).put(1000, {{linux_type, 10, 10}, {extended, 500, 100}});
    circle.put(1500, {{linux_type, 10, 10}, {extended, 500, 100}});
    CHECK(circle.text() == "there are more partitions than there are numbers for");
    Table empty_circle;
    empty_circle.put(0, {{extended, 1000, 1000}}).put(1000, {{0, 0, 0}, {extended, 500, 100}});
    empty_circle.put(1500, {{0, 0, 0}, {extended, 500, 100}});
    CHECK(empty_circle.text() == "the chain of logical partitions leads nowhere");
}

TEST_CASE("Any bytes at all make a table that lies on the disk, or none", "[block]") {
    Random random(7);
    for (unsigned round = 0; round < 20'000; ++round) {
        Table table;
        for (const std::uint64_t at : {0U, 1000U, 1500U}) {
            std::vector<Table::Entry> entries;
            for (unsigned i = 0; i < 4; ++i) {
                constexpr std::uint8_t types[] = {0, linux_type, extended, 0x0F};
                constexpr std::uint32_t numbers[] = {0, 1, 500, 1000, 50'000, 0xFFFFFFFF};
                entries.push_back({types[random.below(4)], numbers[random.below(6)], numbers[random.below(6)]});
            }
            table.put(at, entries);
        }
        may_fail(table.text().empty()); // what it checks is within
        REQUIRE(table.reads < 100);
    }
}

} // namespace quire::test
