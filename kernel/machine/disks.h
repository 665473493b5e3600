// Disks as the machine has them: channels with up to two disks each, of which one at a time moves data. A channel does
// one transfer after the other and decides nothing: what is asked for next, what is tried again and for how long an
// answer is waited for is kernel/block's business.
#pragma once

#include "kernel/machine/address.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace quire::machine {

inline constexpr unsigned disk_channels = 2, disks_on_channel = 2;
inline constexpr std::uint32_t disk_sector_size = 512; // bytes

// What a disk says of itself.
struct DiskIdentity {
    std::uint64_t sectors = 0; // of 512 bytes
    bool dma = false;          // it and its controller can move data without the processor
    std::array<char, 41> model{};
    [[nodiscard]] std::string_view model_name() const { return model.data(); }
};

enum class DiskOperation : std::uint8_t { read, write, flush };

// A piece of memory within one frame; a multiple of 512 bytes.
struct DiskPiece {
    PhysAddr start;
    std::uint32_t bytes = 0;
};

inline constexpr std::uint32_t most_disk_sectors = 256; // of one transfer: what a command with 28-bit addresses takes
inline constexpr std::size_t most_disk_pieces = 64;

struct DiskTransfer {
    DiskOperation operation = DiskOperation::read;
    unsigned disk = 0; // of the channel
    bool dma = false;  // only where the disk's identity says so
    std::uint64_t first_sector = 0;
    std::uint32_t sectors = 0; // as many as the pieces hold together; 0: a flush
    std::span<const DiskPiece> pieces{};
};

// Why a transfer failed.
enum class DiskFault : std::uint8_t {
    none,
    uncorrectable, // the medium could not be read
    not_found,     // there is no such sector
    aborted,       // the disk refused the command or gave it up
    garbled,       // a checksum of what went over the cable was wrong
    broken,        // the disk says that it is broken
    bus_master,    // the controller could not reach memory, or moved another amount than was asked for
    confused,      // the disk did not do what the protocol says comes next
    no_answer,     // nothing came in time; only kernel/block says so
};

struct DiskOutcome {
    DiskFault fault = DiskFault::none;
    std::uint8_t status = 0, error = 0; // the disk's registers, for a person to read
};

// How a channel reaches the bytes of a frame where it moves data by itself, which may be above the direct map.
class DiskMemory {
public:
    // The frame's bytes, until hide(). One frame at a time.
    virtual std::byte* show(Frame frame) = 0;
    virtual void hide() = 0;

protected:
    constexpr ~DiskMemory() = default;
};

class DiskChannel {
public:
    // What disk 0 or 1 is; nothing where there is none, or no disk: a CD drive is left alone. The channel is idle. Asks
    // without interrupts; about a second where something is there that does not answer.
    [[nodiscard]] virtual std::optional<DiskIdentity> identify(unsigned disk) = 0;

    // Starts a transfer; the channel is idle. The pieces stay as they are until it is over. Writes to ports only; where
    // the processor moves the data, the first sector of a write too.
    virtual void start(const DiskTransfer& transfer, DiskMemory& memory) = 0;
    // At a safe point: goes on with the transfer as far as the disk is ready, and says how it ended; nothing while it
    // is under way. `look`: also where no interrupt has come. After its end the channel is idle.
    virtual std::optional<DiskOutcome> advance(DiskMemory& memory, bool look) = 0;

    // Gives the transfer up and resets both disks. The channel is idle again when reset_done() says so, which is to be
    // asked 2 ms later at the earliest.
    virtual void begin_reset() = 0;
    [[nodiscard]] virtual bool reset_done() = 0;

protected:
    constexpr ~DiskChannel() = default;
};

// Channel 0 or 1; null where the machine has none.
[[nodiscard]] DiskChannel* disk_channel(unsigned number);

} // namespace quire::machine
