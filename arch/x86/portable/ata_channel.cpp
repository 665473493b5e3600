// Commands, answers and errors of ATA disks. Names of registers, bits and commands are the standard's.
#include "arch/x86/portable/ata_channel.h"

#include "arch/x86/portable/ata_identity.h"
#include "kernel/machine/cpu.h"

#include <utility>

namespace quire::machine {

namespace {

// Status (ATA-6 §7.15) and error (§7.9).
constexpr std::uint8_t busy = 1U << 7, device_fault = 1U << 5, data_request = 1U << 3, error = 1U << 0;
constexpr std::uint8_t interface_crc = 1U << 7, uncorrectable = 1U << 6, id_not_found = 1U << 4, abort = 1U << 2;
constexpr std::uint8_t empty_bus = 0xFF, no_device = 0;

// Device (§7.7) and device control (§7.8).
constexpr std::uint8_t device_lba = 1U << 6, device_1 = 1U << 4, device_obsolete = 1U << 7 | 1U << 5;
constexpr std::uint8_t software_reset = 1U << 2, interrupts_off = 1U << 1;

// Commands (§8), each with addresses of 28 and of 48 bits.
struct Command {
    std::uint8_t bits_28, bits_48;
};
constexpr Command read_sectors{0x20, 0x24}, write_sectors{0x30, 0x34}, read_dma{0xC8, 0x25}, write_dma{0xCA, 0x35},
    flush_cache{0xE7, 0xEA};
constexpr std::uint8_t identify_device = 0xEC;

// Bus master command and status ("Programming Interface" §2).
constexpr std::uint8_t bus_start = 1U << 0, bus_to_memory = 1U << 3;
constexpr std::uint8_t bus_active = 1U << 0, bus_error = 1U << 1, bus_interrupt = 1U << 2;

constexpr std::uint64_t first_beyond_28_bits = 1ULL << 28;

// Reads of the alternate status, each 100 ns or more: after a selection the status is true 400 ns later (§7.15.6.1).
constexpr unsigned settling_reads = 4;
constexpr unsigned reset_reads = 100;             // 5 µs and more (§9.2)
constexpr unsigned identify_patience = 1'000'000; // some tenths of a second, and more where a read takes longer
constexpr unsigned data_patience = 1'000;         // 0.1 ms: as long as anybody can be kept from going on

} // namespace

void AtaChannel::use_bus_master(PhysicalRegionTable& table, PhysAddr address) {
    table_ = &table;
    table_address_ = address;
}

// ---- What is there

void AtaChannel::select(std::uint8_t device) {
    write(AtaRegister::device, device | device_obsolete);
    for (unsigned i = 0; i < settling_reads; ++i) {
        static_cast<void>(read(AtaRegister::alternate_status)); // only the time counts
    }
}

template <class Ready> bool AtaChannel::wait_until(unsigned patience, Ready&& ready) {
    for (unsigned i = 0; i < patience; ++i) {
        if (const std::uint8_t status = read(AtaRegister::alternate_status); (status & busy) == 0 && ready(status)) {
            return true;
        }
    }
    return false;
}

// Registers that remember tell a disk from an empty bus.
bool AtaChannel::answers(unsigned disk) {
    select(disk != 0 ? device_1 : std::uint8_t{0});
    const std::uint8_t status = read(AtaRegister::status);
    if (status == empty_bus || status == no_device) {
        return false;
    }
    for (const std::uint8_t pattern : {std::uint8_t{0x55}, std::uint8_t{0xAA}}) {
        write(AtaRegister::sector_count, pattern);
        write(AtaRegister::lba_low, static_cast<std::uint8_t>(~pattern));
        if (read(AtaRegister::sector_count) != pattern ||
            read(AtaRegister::lba_low) != static_cast<std::uint8_t>(~pattern)) {
            return false;
        }
    }
    return true;
}

std::optional<DiskIdentity> AtaChannel::identify(unsigned disk) {
    write(AtaRegister::alternate_status, interrupts_off);
    const std::optional<DiskIdentity> identity = answers(disk) ? read_identity(disk) : std::nullopt;
    static_cast<void>(read(AtaRegister::status)); // takes back an interrupt that would come now
    write(AtaRegister::alternate_status, 0);
    return identity;
}

// A CD drive aborts the command (§8.15.5.2).
std::optional<DiskIdentity> AtaChannel::read_identity(unsigned disk) {
    write(AtaRegister::status, identify_device);
    std::uint8_t status = 0;
    const bool finished = wait_until(identify_patience, [&](std::uint8_t seen) {
        status = seen;
        return (seen & (data_request | error | device_fault)) != 0 || seen == no_device;
    });
    if (!finished || (status & (error | device_fault)) != 0 || (status & data_request) == 0) {
        return std::nullopt;
    }
    alignas(std::uint16_t) std::array<std::byte, AtaIdentity::size> words{};
    ports_->read_sector(words.data());
    const AtaIdentity said(words);
    if (!said.usable()) {
        return std::nullopt;
    }
    abilities_[disk] = {.flush = said.has_flush(),
                        .addresses = said.has_48_bits() ? Addresses::bits_48 : Addresses::bits_28};
    return DiskIdentity{.sectors = said.sectors(), .dma = table_ != nullptr && said.has_dma(), .model = said.model()};
}

// ---- Commands

void AtaChannel::start(const DiskTransfer& transfer, DiskMemory& memory) {
    disk_ = transfer.disk;
    answer_ = {};
    pieces_left_ = transfer.pieces;
    moved_of_piece_ = 0;
    sectors_left_ = transfer.dma ? 0 : transfer.sectors;
    if (transfer.operation == DiskOperation::flush) {
        state_ = State::flushing;
    } else if (transfer.dma) {
        state_ = State::dma;
        prepare_bus_master(transfer);
    } else {
        state_ = transfer.operation == DiskOperation::read ? State::reading : State::writing;
    }
    send(transfer);
    // The disk asks for the first sector of a write without an interrupt (§9.7). Usually at once; else the tick looks.
    if (state_ == State::writing &&
        wait_until(data_patience, [](std::uint8_t status) { return (status & data_request) != 0; })) {
        move_sector(memory);
    }
}

void AtaChannel::send(const DiskTransfer& transfer) {
    const bool far = transfer.first_sector + transfer.sectors > first_beyond_28_bits;
    const bool wide =
        abilities_[disk_].addresses == Addresses::bits_48 && (far || transfer.operation == DiskOperation::flush);
    write_address(transfer, wide ? Addresses::bits_48 : Addresses::bits_28);
    Command command = flush_cache;
    if (transfer.operation == DiskOperation::read) {
        command = transfer.dma ? read_dma : read_sectors;
    } else if (transfer.operation == DiskOperation::write) {
        command = transfer.dma ? write_dma : write_sectors;
    }
    write(AtaRegister::status, wide ? command.bits_48 : command.bits_28);
    if (transfer.dma) {
        const std::uint8_t direction = transfer.operation == DiskOperation::read ? bus_to_memory : 0;
        write(AtaRegister::bus_master_command, bus_start | direction);
    }
}

// With 48 bits each register takes two bytes, the higher one first (§6.20). A count of 256 is 0 in 8 bits.
void AtaChannel::write_address(const DiskTransfer& transfer, Addresses addresses) {
    const std::uint64_t sector = transfer.first_sector;
    const auto byte = [&](unsigned shift) { return static_cast<std::uint8_t>(sector >> shift); };
    const std::uint8_t chosen = device_lba | (transfer.disk != 0 ? device_1 : 0);
    if (addresses == Addresses::bits_48) {
        select(chosen);
        write(AtaRegister::sector_count, static_cast<std::uint8_t>(transfer.sectors >> 8));
        write(AtaRegister::lba_low, byte(24));
        write(AtaRegister::lba_mid, byte(32));
        write(AtaRegister::lba_high, byte(40));
    } else {
        select(chosen | (byte(24) & 0x0F));
    }
    write(AtaRegister::sector_count, static_cast<std::uint8_t>(transfer.sectors));
    write(AtaRegister::lba_low, byte(0));
    write(AtaRegister::lba_mid, byte(8));
    write(AtaRegister::lba_high, byte(16));
}

// The steps are those of "Programming Interface" §3.1.
void AtaChannel::prepare_bus_master(const DiskTransfer& transfer) {
    for (std::size_t at = 0; at < transfer.pieces.size(); ++at) {
        const DiskPiece& piece = transfer.pieces[at];
        table_->entries[at] = {.start = piece.start.value(),
                               .bytes = static_cast<std::uint16_t>(piece.bytes),
                               .flags = at + 1 == transfer.pieces.size() ? PhysicalRegion::last : std::uint16_t{0}};
    }
    ports_->set_table(table_address_);
    write(AtaRegister::bus_master_command, transfer.operation == DiskOperation::read ? bus_to_memory : 0);
    write(AtaRegister::bus_master_status, read(AtaRegister::bus_master_status) | bus_error | bus_interrupt);
}

// Its error and interrupt bits are taken back by writing ones.
void AtaChannel::stop_bus_master() {
    write(AtaRegister::bus_master_command, 0);
    write(AtaRegister::bus_master_status, read(AtaRegister::bus_master_status) | bus_error | bus_interrupt);
}

// ---- Answers

// What the registers say. The disk takes its interrupt back, and a bus master at work stops.
AtaChannel::Answer AtaChannel::read_answer() {
    Answer answer{.given = true, .status = 0, .error = 0, .bus_master = 0};
    if (state_ == State::dma) {
        answer.bus_master = read(AtaRegister::bus_master_status);
        stop_bus_master();
    }
    answer.status = read(AtaRegister::status);
    if ((answer.status & error) != 0) {
        answer.error = read(AtaRegister::error);
    }
    return answer;
}

bool AtaChannel::interrupted() {
    if (state_ == State::idle || state_ == State::resetting) {
        static_cast<void>(read(AtaRegister::status)); // nobody asked, but it is to be taken back
        return false;
    }
    // The controller tells of a disk's interrupt once all data is in memory ("Programming Interface" section 2.2).
    const bool too_early = state_ == State::dma && (read(AtaRegister::bus_master_status) & bus_interrupt) == 0;
    if (too_early || (read(AtaRegister::alternate_status) & busy) != 0) {
        return false;
    }
    answer_ = read_answer();
    return true;
}

// An interrupt may have got lost, and a write's first sector has none.
void AtaChannel::look_for_answer() {
    const InterruptGuard guard;
    if (answer_.given || (read(AtaRegister::alternate_status) & busy) != 0) {
        return;
    }
    const bool moves = state_ == State::dma &&
                       (read(AtaRegister::bus_master_status) & (bus_active | bus_error | bus_interrupt)) == bus_active;
    if (!moves) {
        answer_ = read_answer();
    }
}

AtaChannel::Answer AtaChannel::take_answer() {
    const InterruptGuard guard;
    return std::exchange(answer_, {});
}

std::optional<DiskOutcome> AtaChannel::advance(DiskMemory& memory, bool look) {
    if (state_ == State::idle || state_ == State::resetting) {
        return std::nullopt;
    }
    if (look) {
        look_for_answer();
    }
    for (Answer answer = take_answer(); answer.given; answer = take_answer()) {
        if (const std::optional<DiskOutcome> outcome = go_on(answer, memory)) {
            state_ = State::idle;
            return outcome;
        }
    }
    return std::nullopt;
}

// What comes behind one answer of the disk. A sector that is read is followed by the next interrupt, but for the last
// one; a sector that is written is followed by one always.
std::optional<DiskOutcome> AtaChannel::go_on(const Answer& answer, DiskMemory& memory) {
    DiskOutcome outcome{.fault = fault_of(answer), .status = answer.status, .error = answer.error};
    if (outcome.fault != DiskFault::none || sectors_left_ == 0) {
        return outcome;
    }
    if ((answer.status & data_request) == 0) {
        outcome.fault = DiskFault::confused;
        return outcome;
    }
    move_sector(memory);
    return sectors_left_ == 0 && state_ == State::reading ? std::optional(outcome) : std::nullopt;
}

DiskFault AtaChannel::fault_of(const Answer& answer) const {
    const auto says = [&](std::uint8_t reason) { return (answer.error & reason) != 0; };
    if ((answer.status & device_fault) != 0) {
        return DiskFault::broken;
    }
    if ((answer.status & error) == 0) {
        const bool failed = state_ == State::dma && (answer.bus_master & (bus_error | bus_active)) != 0;
        return failed ? DiskFault::bus_master : DiskFault::none;
    }
    if (state_ == State::flushing && !abilities_[disk_].flush) {
        return DiskFault::none; // a disk that does not know the command has no cache
    }
    return says(interface_crc)   ? DiskFault::garbled
           : says(uncorrectable) ? DiskFault::uncorrectable
           : says(id_not_found)  ? DiskFault::not_found
           : says(abort)         ? DiskFault::aborted
                                 : DiskFault::confused;
}

void AtaChannel::move_sector(DiskMemory& memory) {
    const DiskPiece& piece = pieces_left_.front();
    const PhysAddr at = piece.start + moved_of_piece_;
    std::byte* const bytes = memory.show(Frame::containing(at)) + at.offset_in_page();
    --sectors_left_; // before the last word is moved, upon which the disk may interrupt
    if (state_ == State::reading) {
        ports_->read_sector(bytes);
    } else {
        ports_->write_sector(bytes);
    }
    memory.hide();
    moved_of_piece_ += disk_sector_size;
    if (moved_of_piece_ == piece.bytes) {
        moved_of_piece_ = 0;
        pieces_left_ = pieces_left_.subspan(1);
    }
}

// ---- Reset

void AtaChannel::begin_reset() {
    state_ = State::resetting;
    if (table_ != nullptr) {
        stop_bus_master();
    }
    write(AtaRegister::alternate_status, software_reset);
    for (unsigned i = 0; i < reset_reads; ++i) {
        static_cast<void>(read(AtaRegister::alternate_status)); // only the time counts
    }
    write(AtaRegister::alternate_status, 0);
}

bool AtaChannel::reset_done() {
    if ((read(AtaRegister::alternate_status) & busy) != 0) {
        return false;
    }
    state_ = State::idle;
    return true;
}

} // namespace quire::machine
