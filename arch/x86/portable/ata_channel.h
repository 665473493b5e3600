// The ATA protocol (T13/1410D, "AT Attachment with Packet Interface - 6", rev. 3b): commands to the two disks of one
// channel, their answers and their errors, with data moved by the processor (PIO) or by the controller (Intel,
// "Programming Interface for Bus Master IDE Controller", rev. 1.0). It touches no port itself: AtaPorts does, which the
// tests on the host implement with a disk of their own.
#pragma once

#include "kernel/machine/disks.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace quire::machine {

// Registers of one byte. The first seven are the command block, numbered as they lie there; some are others when
// written (ATA-6 §7).
enum class AtaRegister : std::uint8_t {
    error = 1, // written: features
    sector_count,
    lba_low,
    lba_mid,
    lba_high,
    device,
    status,           // written: command; reading it takes the interrupt back
    alternate_status, // written: device control; reading it does not
    bus_master_command,
    bus_master_status,
};

class AtaPorts {
public:
    [[nodiscard]] virtual std::uint8_t read(AtaRegister which) = 0;
    virtual void write(AtaRegister which, std::uint8_t value) = 0;
    // The data register, one sector: 256 words of 16 bits.
    virtual void read_sector(std::byte* to) = 0;
    virtual void write_sector(const std::byte* from) = 0;
    // The bus master's table of what memory to use.
    virtual void set_table(PhysAddr table) = 0;

protected:
    constexpr ~AtaPorts() = default;
};

// One entry of that table, a "physical region descriptor" ("Programming Interface" §1.2).
struct PhysicalRegion {
    std::uint32_t start = 0;
    std::uint16_t bytes = 0; // 0: 64 KiB
    std::uint16_t flags = 0;
    static constexpr std::uint16_t last = 1U << 15;
};
static_assert(sizeof(PhysicalRegion) == 8);

// The table crosses no 64 KiB boundary.
struct alignas(512) PhysicalRegionTable {
    std::array<PhysicalRegion, most_disk_pieces> entries{};
};
static_assert(sizeof(PhysicalRegionTable) == 512);

class AtaChannel final : public DiskChannel {
public:
    // `ports` must outlive it.
    explicit AtaChannel(AtaPorts& ports) : ports_(&ports) {}
    ~AtaChannel() = default;
    AtaChannel(const AtaChannel&) = delete;
    AtaChannel& operator=(const AtaChannel&) = delete;

    // There is a bus master, and it finds this table at `address`.
    void use_bus_master(PhysicalRegionTable& table, PhysAddr address);

    // From the channel's interrupt, interrupts being off: takes it back and remembers what the disk and the controller
    // say. Whether there is something for advance().
    bool interrupted();

    // ---- DiskChannel
    [[nodiscard]] std::optional<DiskIdentity> identify(unsigned disk) override;
    void start(const DiskTransfer& transfer, DiskMemory& memory) override;
    std::optional<DiskOutcome> advance(DiskMemory& memory, bool look) override;
    void begin_reset() override;
    [[nodiscard]] bool reset_done() override;

private:
    // What is under way.
    enum class State : std::uint8_t { idle, dma, reading, writing, flushing, resetting };
    // What the disk said when it interrupted.
    struct Answer {
        bool given = false;
        std::uint8_t status = 0, error = 0, bus_master = 0;
    };
    enum class Addresses : std::uint8_t { bits_28, bits_48 };
    // What advance() and start() must know of a disk.
    struct Abilities {
        bool flush = false;
        Addresses addresses = Addresses::bits_28;
    };

    [[nodiscard]] std::uint8_t read(AtaRegister which) { return ports_->read(which); }
    void write(AtaRegister which, std::uint8_t value) { ports_->write(which, value); }
    void select(std::uint8_t device);
    [[nodiscard]] bool answers(unsigned disk);
    template <class Ready> [[nodiscard]] bool wait_until(unsigned patience, Ready&& ready);
    [[nodiscard]] std::optional<DiskIdentity> read_identity(unsigned disk);

    void send(const DiskTransfer& transfer);
    void write_address(const DiskTransfer& transfer, Addresses addresses);
    void prepare_bus_master(const DiskTransfer& transfer);
    void stop_bus_master();

    [[nodiscard]] Answer read_answer();
    void look_for_answer();
    [[nodiscard]] Answer take_answer();
    [[nodiscard]] std::optional<DiskOutcome> go_on(const Answer& answer, DiskMemory& memory);
    [[nodiscard]] DiskFault fault_of(const Answer& answer) const;
    void move_sector(DiskMemory& memory);

    AtaPorts* ports_;
    PhysicalRegionTable* table_ = nullptr; // null: there is no bus master
    PhysAddr table_address_;
    std::array<Abilities, disks_on_channel> abilities_{};

    State state_ = State::idle;
    Answer answer_; // changed by the interrupt, and with interrupts off
    unsigned disk_ = 0;
    std::uint32_t sectors_left_ = 0;           // to be moved by the processor
    std::span<const DiskPiece> pieces_left_{}; // their memory
    std::uint32_t moved_of_piece_ = 0;         // bytes
};

} // namespace quire::machine
