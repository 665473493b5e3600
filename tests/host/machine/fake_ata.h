// Two ATA disks on one channel, as a test wants them: registers, busy and request bits, interrupts, a bus master, and
// everything that can go wrong. They do nothing by themselves: work() is the time that passes. What the driver does
// that the standard forbids is kept in violations().
#pragma once

#include "arch/x86/portable/ata_channel.h"
#include "tests/host/machine/ram.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace quire::test {

class FakeAta final : public machine::AtaPorts {
public:
    enum class Kind : std::uint8_t { none, disk, cd };
    using Content = std::array<std::byte, machine::disk_sector_size>;

    struct Drive {
        Kind kind = Kind::none;
        std::uint64_t sectors = 0;
        bool wide = false; // has commands with 48-bit addresses
        bool flush = true; // has a cache to be flushed
        bool dma = true;   // says that it has DMA
        std::string model = "Fake Disk";
        // What goes wrong.
        bool silent = false;                         // takes commands and never answers, until a reset
        bool silent_for_ever = false;                // nor after it
        std::map<std::uint64_t, std::uint8_t> bad{}; // the error register for a sector that fails
        unsigned failing_commands = 0;               // so many are aborted, whatever they are
        bool refuses_dma = false;                    // aborts all of them
        bool wants_data_late = false;                // the first sector of a write is asked for by work() only
        bool asks_no_data = false;                   // says that it is ready, and not for what
        // What it holds and did.
        std::map<std::uint64_t, Content> content{};
        unsigned flushes = 0;
        std::vector<std::uint8_t> commands{};
        std::vector<std::uint32_t> counts{}; // the sectors of each
    };

    explicit FakeAta(Ram& ram) : ram_(&ram) {}

    std::array<Drive, 2> drives;
    unsigned lost_interrupts = 0; // so many do not reach the driver
    bool bus_fails = false;       // the bus master cannot reach memory
    bool bus_stalls = false;      // it has more memory than the disk has data
    bool empty_bus = false;       // nothing is there at all

    // What the driver has: where its table is seen by the bus master.
    machine::PhysicalRegionTable table;
    static constexpr PhysAddr table_address{0x00ABC000};

    // The disk that is at work goes on by one step: whether it did. interrupt() is called where it interrupts.
    bool work();
    // Until it has nothing to do.
    void work_on() {
        while (work()) {
        }
    }
    std::function<void()> interrupt;
    // The line rises without a reason.
    void spurious_interrupt() { interrupt(); }

    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
    // The first word of what a sector holds.
    [[nodiscard]] std::uint32_t word(unsigned drive, std::uint64_t sector) const;
    void set_word(unsigned drive, std::uint64_t sector, std::uint32_t word);

    // ---- AtaPorts
    [[nodiscard]] std::uint8_t read(machine::AtaRegister which) override;
    void write(machine::AtaRegister which, std::uint8_t value) override;
    void read_sector(std::byte* to) override;
    void write_sector(const std::byte* from) override;
    void set_table(PhysAddr table) override;

private:
    enum class Phase : std::uint8_t { idle, sends, takes, commits, dma, flushes, late_data };

    void violate(const char* what) { violations_.emplace_back(what); }
    [[nodiscard]] Drive& selected() { return drives[(device_ >> 4) & 1U]; }
    [[nodiscard]] bool absent() { return empty_bus || selected().kind == Kind::none; }
    void raise();
    void end_well();
    void end_badly(std::uint8_t why);
    void reset();
    void command(std::uint8_t code);
    void begin(std::uint8_t code, Phase phase, bool wide_command);
    void identify();
    [[nodiscard]] bool fails(std::uint64_t sector);
    bool work_dma();
    [[nodiscard]] std::vector<std::byte*> memory_of_table();
    [[nodiscard]] std::uint64_t address(bool wide_command) const;

    Ram* ram_;
    std::array<std::array<std::uint8_t, 2>, 8> registers_{}; // as written last, and before
    std::uint8_t device_ = 0, status_ = 0x50, error_ = 0, control_ = 0;
    std::uint8_t bus_command_ = 0, bus_status_ = 0x60;
    bool table_set_ = false;
    bool raised_ = false; // the disk's interrupt line
    Phase phase_ = Phase::idle;
    std::uint8_t code_ = 0;
    std::uint64_t sector_ = 0;
    std::uint32_t left_ = 0;
    Content buffer_{};
    std::vector<std::string> violations_;
};

} // namespace quire::test
