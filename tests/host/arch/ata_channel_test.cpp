// The ATA driver against disks of the test's own: what is there is found, data goes where it belongs by both ways and
// with both sizes of addresses, and each kind of failure gets its name.
#include "arch/x86/portable/ata_channel.h"
#include "tests/host/machine/fake_ata.h"
#include "tests/host/machine/simulated_machine.h"

#include <catch2/catch.hpp>
#include <cstring>

namespace quire::test {
namespace {

using machine::DiskFault;
using machine::DiskIdentity;
using machine::DiskOperation;
using machine::DiskOutcome;
using machine::DiskPiece;
using machine::DiskTransfer;

constexpr std::uint64_t narrow_size = 1000, wide_size = (1ULL << 33) + 5;

// A channel with a small disk and a huge one.
class Rig final : public machine::DiskMemory {
public:
    Rig() : disks(machine_.ram()), channel(disks) {
        disks.drives[0] = {.kind = FakeAta::Kind::disk, .sectors = narrow_size};
        disks.drives[1] = {.kind = FakeAta::Kind::disk, .sectors = wide_size, .wide = true};
        disks.interrupt = [this] { told += channel.interrupted() ? 1U : 0U; };
        channel.use_bus_master(disks.table, FakeAta::table_address);
    }
    ~Rig() { CHECK(disks.violations() == std::vector<std::string>()); }
    Rig(const Rig&) = delete;
    Rig& operator=(const Rig&) = delete;

    void identify_both() {
        for (const unsigned disk : {0U, 1U}) {
            REQUIRE(channel.identify(disk).has_value());
            disks.drives.at(disk).commands.clear();
        }
    }

    // From sector to sector of frames 0x200 on, each piece starting one sector into its page.
    void start(DiskOperation operation, unsigned disk, bool dma, std::uint64_t first, std::uint32_t sectors,
               std::uint32_t piece_sectors = 7) {
        pieces.clear();
        for (std::uint32_t at = 0; at < sectors; at += piece_sectors) {
            const std::uint32_t count = std::min(piece_sectors, sectors - at);
            const auto number = static_cast<std::uint32_t>(pieces.size());
            pieces.push_back(
                {Frame(first_frame + number).start() + machine::disk_sector_size, count * machine::disk_sector_size});
        }
        channel.start({.operation = operation,
                       .disk = disk,
                       .dma = dma,
                       .first_sector = first,
                       .sectors = sectors,
                       .pieces = pieces},
                      *this);
    }
    // Until the transfer is over, with a safe point behind each step of the disk. Fails where it does not end.
    DiskOutcome finish() {
        for (unsigned step = 0; step < 5000; ++step) {
            disks.work();
            if (const auto outcome = channel.advance(*this, false)) {
                CHECK_FALSE(channel.advance(*this, true).has_value());
                return *outcome;
            }
        }
        FAIL("the transfer does not end");
        return {};
    }
    DiskFault carry_out(DiskOperation operation, unsigned disk, bool dma, std::uint64_t first, std::uint32_t sectors,
                        std::uint32_t piece_sectors = 7) {
        start(operation, disk, dma, first, sectors, piece_sectors);
        return finish().fault;
    }

    // The first word of the transfer's sector `number` in memory.
    std::uint32_t& word(std::uint32_t number) {
        for (const DiskPiece& piece : pieces) {
            const std::uint32_t here = piece.bytes / machine::disk_sector_size;
            if (number < here) {
                return *reinterpret_cast<std::uint32_t*>(
                    machine_.ram().at(piece.start + number * machine::disk_sector_size, sizeof(std::uint32_t)));
            }
            number -= here;
        }
        throw std::logic_error("no such sector");
    }

    std::byte* show(Frame frame) override {
        REQUIRE_FALSE(shown);
        shown = true;
        return machine_.ram().at(frame.start(), page_size);
    }
    void hide() override { shown = false; }

    static constexpr std::uint32_t first_frame = 0x200;

private:
    SimulatedMachine machine_;

public:
    FakeAta disks;
    machine::AtaChannel channel;
    std::vector<DiskPiece> pieces;
    bool shown = false;
    unsigned told = 0;
};

} // namespace

TEST_CASE("Disks are found, and what is none is left alone", "[ata]") {
    Rig rig;
    SECTION("two disks") {
        const std::optional<DiskIdentity> small = rig.channel.identify(0), large = rig.channel.identify(1);
        REQUIRE(small.has_value());
        CHECK(small->sectors == narrow_size);
        CHECK(small->dma);
        CHECK(small->model_name() == "Fake Disk");
        REQUIRE(large.has_value());
        CHECK(large->sectors == wide_size);
        CHECK(rig.told == 0);
    }
    SECTION("a CD drive") {
        rig.disks.drives[1].kind = FakeAta::Kind::cd;
        CHECK_FALSE(rig.channel.identify(1).has_value());
        CHECK(rig.channel.identify(0).has_value());
        CHECK(rig.disks.drives[1].commands == std::vector<std::uint8_t>{0xEC});
    }
    SECTION("one disk, in the second place") {
        rig.disks.drives[0].kind = FakeAta::Kind::none;
        CHECK_FALSE(rig.channel.identify(0).has_value());
        CHECK(rig.channel.identify(1).has_value());
    }
    SECTION("nothing at all") {
        rig.disks.empty_bus = true;
        CHECK_FALSE(rig.channel.identify(0).has_value());
        CHECK_FALSE(rig.channel.identify(1).has_value());
        CHECK(rig.disks.drives[0].commands.empty());
    }
    SECTION("one that does not answer") {
        rig.disks.drives[0].silent = true;
        CHECK_FALSE(rig.channel.identify(0).has_value());
    }
    SECTION("without sectors") {
        rig.disks.drives[0].sectors = 0;
        CHECK_FALSE(rig.channel.identify(0).has_value());
    }
    SECTION("without DMA, and with an odd name") {
        rig.disks.drives[0].dma = false;
        rig.disks.drives[0].model = "  \x01 a name that fills all forty characters";
        const std::optional<DiskIdentity> small = rig.channel.identify(0);
        REQUIRE(small.has_value());
        CHECK_FALSE(small->dma);
        CHECK(small->model_name() == "a name that fills all forty characte");
    }
    SECTION("without a bus master") {
        machine::AtaChannel plain(rig.disks);
        const std::optional<DiskIdentity> small = plain.identify(0);
        REQUIRE(small.has_value());
        CHECK_FALSE(small->dma);
    }
}

TEST_CASE("Sectors are read and written, by the processor and by DMA, near and far", "[ata]") {
    Rig rig;
    rig.identify_both();
    const bool dma = GENERATE(true, false);
    const auto [disk, first, wide] = GENERATE(table<unsigned, std::uint64_t, bool>({
        {0U, 0ULL, false},
        {0U, narrow_size - 256, false},
        {1U, (1ULL << 28) - 256, false}, // the last that 28 bits reach
        {1U, (1ULL << 28) - 255, true},
        {1U, wide_size - 256, true},
    }));
    const std::uint32_t sectors = GENERATE(1U, 8U, 255U, 256U);
    INFO((dma ? "DMA" : "PIO") << ", disk " << disk << ", " << sectors << " from " << first);
    for (std::uint32_t i = 0; i < sectors; ++i) {
        rig.disks.set_word(disk, first + i, 0xA000 + i);
    }
    REQUIRE(rig.carry_out(DiskOperation::read, disk, dma, first, sectors) == DiskFault::none);
    for (std::uint32_t i = 0; i < sectors; ++i) {
        REQUIRE(rig.word(i) == 0xA000 + i);
        rig.word(i) = 0xB000 + i;
    }
    CHECK(rig.disks.word(disk, first) == 0xA000);
    REQUIRE(rig.carry_out(DiskOperation::write, disk, dma, first, sectors) == DiskFault::none);
    for (std::uint32_t i = 0; i < sectors; ++i) {
        REQUIRE(rig.disks.word(disk, first + i) == 0xB000 + i);
    }
    const std::vector<std::uint8_t> narrow =
        dma ? std::vector<std::uint8_t>{0xC8, 0xCA} : std::vector<std::uint8_t>{0x20, 0x30};
    const std::vector<std::uint8_t> far =
        dma ? std::vector<std::uint8_t>{0x25, 0x35} : std::vector<std::uint8_t>{0x24, 0x34};
    const bool reaches_far = wide && first + sectors > 1ULL << 28;
    CHECK(rig.disks.drives.at(disk).commands == (reaches_far ? far : narrow));
}

TEST_CASE("A flush reaches the disk, and one without a cache has nothing to do", "[ata]") {
    Rig rig;
    rig.disks.drives[0].flush = false;
    rig.identify_both();
    CHECK(rig.carry_out(DiskOperation::flush, 1, false, 0, 0) == DiskFault::none);
    CHECK(rig.disks.drives[1].commands == std::vector<std::uint8_t>{0xEA});
    CHECK(rig.carry_out(DiskOperation::flush, 0, false, 0, 0) == DiskFault::none);
    CHECK(rig.disks.drives[1].flushes == 1);
    rig.disks.drives[1].failing_commands = 1;
    CHECK(rig.carry_out(DiskOperation::flush, 1, false, 0, 0) == DiskFault::aborted);
}

TEST_CASE("What goes wrong with a transfer has a name, and the next one goes well", "[ata]") {
    Rig rig;
    rig.identify_both();
    const bool dma = GENERATE(true, false);
    const DiskOperation operation = GENERATE(DiskOperation::read, DiskOperation::write);
    const auto outcome_of = [&] {
        rig.start(operation, 0, dma, 100, 8);
        return rig.finish();
    };
    SECTION("errors of the disk's own") {
        struct Case {
            std::uint8_t error;
            DiskFault fault;
        };
        for (const Case& c :
             {Case{0x40, DiskFault::uncorrectable}, Case{0x10, DiskFault::not_found}, Case{0x04, DiskFault::aborted},
              Case{0x84, DiskFault::garbled}, Case{0x01, DiskFault::confused}}) {
            rig.disks.drives[0].bad = {{103, c.error}};
            const DiskOutcome outcome = outcome_of();
            CHECK(outcome.fault == c.fault);
            CHECK(outcome.error == c.error);
            CHECK((outcome.status & 1) != 0);
        }
        rig.disks.drives[0].bad.clear();
    }
    SECTION("the command is aborted") {
        rig.disks.drives[0].failing_commands = 1;
        CHECK(outcome_of().fault == DiskFault::aborted);
    }
    SECTION("the bus master fails") {
        rig.disks.bus_fails = true;
        CHECK(outcome_of().fault == (dma ? DiskFault::bus_master : DiskFault::none));
        rig.disks.bus_fails = false;
    }
    SECTION("the bus master has more to do than the disk") {
        rig.disks.bus_stalls = true;
        CHECK(outcome_of().fault == (dma ? DiskFault::bus_master : DiskFault::none));
        rig.disks.bus_stalls = false;
    }
    SECTION("a disk that does not offer data") {
        rig.disks.drives[0].asks_no_data = true;
        const bool seen = !dma && operation == DiskOperation::read;
        CHECK(outcome_of().fault == (seen ? DiskFault::confused : DiskFault::none));
        rig.disks.drives[0].asks_no_data = false;
        rig.channel.begin_reset();
        CHECK(rig.channel.reset_done());
    }
    CHECK(rig.carry_out(DiskOperation::write, 0, dma, 96, 16) == DiskFault::none);
    CHECK(rig.carry_out(DiskOperation::read, 0, dma, 96, 16) == DiskFault::none);
}

TEST_CASE("Interrupts that come for nothing do nothing, and lost ones are made up for", "[ata]") {
    Rig rig;
    rig.identify_both();
    const bool dma = GENERATE(true, false);
    const DiskOperation operation = GENERATE(DiskOperation::read, DiskOperation::write);
    rig.disks.spurious_interrupt();
    CHECK(rig.told == 0);
    rig.start(operation, 1, dma, 0, 3);
    rig.disks.spurious_interrupt();
    CHECK(rig.told == 0);
    CHECK_FALSE(rig.channel.advance(rig, false).has_value());
    CHECK_FALSE(rig.channel.advance(rig, true).has_value()); // still at work
    rig.disks.lost_interrupts = 100;
    std::optional<DiskOutcome> outcome;
    for (unsigned step = 0; step < 10 && !outcome; ++step) {
        rig.disks.work_on();
        CHECK_FALSE(rig.channel.advance(rig, false).has_value());
        outcome = rig.channel.advance(rig, true);
    }
    REQUIRE(outcome.has_value());
    CHECK(outcome->fault == DiskFault::none);
    CHECK(rig.told == 0);
}

TEST_CASE("A disk may take its time to ask for what is to be written", "[ata]") {
    Rig rig;
    rig.identify_both();
    rig.disks.drives[0].wants_data_late = true;
    rig.start(DiskOperation::write, 0, false, 7, 2);
    rig.word(0) = 0x11;
    rig.word(1) = 0x22;
    CHECK_FALSE(rig.channel.advance(rig, true).has_value());
    CHECK(rig.disks.work());
    CHECK_FALSE(rig.channel.advance(rig, false).has_value()); // no interrupt tells
    CHECK_FALSE(rig.channel.advance(rig, true).has_value());
    CHECK(rig.finish().fault == DiskFault::none);
    CHECK(rig.disks.word(0, 7) == 0x11);
    CHECK(rig.disks.word(0, 8) == 0x22);
}

TEST_CASE("A disk that has stopped answering is reset", "[ata]") {
    Rig rig;
    rig.identify_both();
    const bool dma = GENERATE(true, false);
    rig.disks.drives[0].silent = true;
    rig.start(DiskOperation::read, 0, dma, 0, 8);
    rig.disks.work_on();
    CHECK_FALSE(rig.channel.advance(rig, true).has_value());
    SECTION("and comes back") {
        rig.channel.begin_reset();
        CHECK_FALSE(rig.channel.advance(rig, true).has_value());
        rig.disks.spurious_interrupt();
        CHECK(rig.told == 0);
        REQUIRE(rig.channel.reset_done());
        CHECK(rig.carry_out(DiskOperation::read, 0, dma, 0, 8) == DiskFault::none);
    }
    SECTION("and does not") {
        rig.disks.drives[0].silent_for_ever = true;
        rig.channel.begin_reset();
        CHECK_FALSE(rig.channel.reset_done());
    }
}

} // namespace quire::test
