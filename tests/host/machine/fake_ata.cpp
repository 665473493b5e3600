// ATA disks as the standard has them (ATA-6 §9), as far as a driver can see.
#include "tests/host/machine/fake_ata.h"

#include <algorithm>
#include <cstring>

namespace quire::test {

using machine::AtaRegister;

namespace {

constexpr std::uint8_t busy = 0x80, ready = 0x50, request = 0x08, failed = 0x01;
constexpr std::uint8_t aborted = 0x04;
constexpr std::uint8_t bus_start = 1, bus_to_memory = 8;
constexpr std::uint8_t bus_active = 1, bus_error = 2, bus_interrupt = 4;

} // namespace

std::uint32_t FakeAta::word(unsigned drive, std::uint64_t sector) const {
    const auto found = drives.at(drive).content.find(sector);
    std::uint32_t word = 0;
    if (found != drives.at(drive).content.end()) {
        std::memcpy(&word, found->second.data(), sizeof word);
    }
    return word;
}

void FakeAta::set_word(unsigned drive, std::uint64_t sector, std::uint32_t word) {
    Content& content = drives.at(drive).content[sector];
    for (std::size_t at = 0; at < content.size(); at += sizeof word) {
        std::memcpy(&content.at(at), &word, sizeof word);
    }
}

// ---- Registers

std::uint8_t FakeAta::read(AtaRegister which) {
    switch (which) {
    case AtaRegister::bus_master_command: return bus_command_;
    case AtaRegister::bus_master_status: return bus_status_;
    default: break;
    }
    if (empty_bus) {
        return 0xFF;
    }
    if (absent()) {
        return 0;
    }
    switch (which) {
    case AtaRegister::status: raised_ = false; return status_;
    case AtaRegister::alternate_status: return status_;
    case AtaRegister::error: return error_;
    case AtaRegister::device: return device_;
    default: return registers_.at(static_cast<std::size_t>(which))[0];
    }
}

void FakeAta::write(AtaRegister which, std::uint8_t value) {
    switch (which) {
    case AtaRegister::bus_master_command:
        if ((value & bus_start) != 0 && !table_set_) {
            violate("the bus master is started without a table");
        }
        bus_status_ =
            static_cast<std::uint8_t>((value & bus_start) != 0 ? bus_status_ | bus_active : bus_status_ & ~bus_active);
        bus_command_ = value;
        return;
    case AtaRegister::bus_master_status:
        bus_status_ = static_cast<std::uint8_t>(bus_status_ & ~(value & (bus_error | bus_interrupt)));
        return;
    case AtaRegister::alternate_status:
        if ((control_ & 4) != 0 && (value & 4) == 0) {
            reset();
        }
        control_ = value;
        return;
    default: break;
    }
    if ((status_ & (busy | request)) != 0 && !absent()) {
        violate("a register is written while the disk is busy or wants data");
    }
    if (which == AtaRegister::device) {
        device_ = value;
    } else if (which == AtaRegister::status) {
        command(value);
    } else {
        std::array<std::uint8_t, 2>& bytes = registers_.at(static_cast<std::size_t>(which));
        bytes = {value, bytes[0]};
    }
}

void FakeAta::set_table(PhysAddr at) {
    table_set_ = at == table_address;
    if (!table_set_) {
        violate("the table is somewhere else");
    }
}

void FakeAta::reset() {
    phase_ = Phase::idle;
    raised_ = false;
    error_ = 1;
    device_ = 0;
    status_ = drives[0].silent_for_ever || drives[1].silent_for_ever ? busy : ready;
    for (Drive& drive : drives) {
        drive.silent = false;
    }
}

// ---- The ends of commands

void FakeAta::raise() {
    raised_ = (control_ & 2) == 0;
    if (!raised_) {
        return;
    }
    bus_status_ |= bus_interrupt;
    if (lost_interrupts != 0) {
        --lost_interrupts;
    } else if (interrupt) {
        interrupt();
    }
}

void FakeAta::end_well() {
    phase_ = Phase::idle;
    status_ = ready;
    raise();
}

void FakeAta::end_badly(std::uint8_t why) {
    phase_ = Phase::idle;
    status_ = ready | failed;
    error_ = why;
    raise();
}

bool FakeAta::fails(std::uint64_t sector) {
    Drive& drive = selected();
    const auto found = drive.bad.find(sector);
    if (found != drive.bad.end()) {
        end_badly(found->second);
        return true;
    }
    if (sector >= drive.sectors) {
        end_badly(0x10);
        return true;
    }
    return false;
}

// ---- Commands

std::uint64_t FakeAta::address(bool wide_command) const {
    const auto byte = [&](AtaRegister which, unsigned before) {
        return std::uint64_t{registers_.at(static_cast<std::size_t>(which))[before]};
    };
    const std::uint64_t low =
        byte(AtaRegister::lba_low, 0) | byte(AtaRegister::lba_mid, 0) << 8 | byte(AtaRegister::lba_high, 0) << 16;
    const std::uint64_t high =
        byte(AtaRegister::lba_low, 1) | byte(AtaRegister::lba_mid, 1) << 8 | byte(AtaRegister::lba_high, 1) << 16;
    return wide_command ? low | high << 24 : low | std::uint64_t{device_ & 0x0FU} << 24;
}

void FakeAta::command(std::uint8_t code) {
    if (absent()) {
        return;
    }
    Drive& drive = selected();
    drive.commands.push_back(code);
    code_ = code;
    error_ = 0;
    raised_ = false;
    if (drive.silent || drive.silent_for_ever) {
        status_ = busy;
        return;
    }
    if (code == 0xEC) {
        identify();
        return;
    }
    switch (code) {
    case 0x20: begin(code, Phase::sends, false); break;
    case 0x24: begin(code, Phase::sends, true); break;
    case 0x30: begin(code, Phase::takes, false); break;
    case 0x34: begin(code, Phase::takes, true); break;
    case 0xC8:
    case 0xCA: begin(code, Phase::dma, false); break;
    case 0x25:
    case 0x35: begin(code, Phase::dma, true); break;
    case 0xE7: begin(code, Phase::flushes, false); break;
    case 0xEA: begin(code, Phase::flushes, true); break;
    default: violate("an unknown command"); end_badly(aborted);
    }
}

void FakeAta::begin(std::uint8_t code, Phase phase, bool wide_command) {
    const Drive& drive = selected();
    if (drive.kind != Kind::disk) {
        violate("a command for a disk is given to something else");
    }
    if (wide_command && !drive.wide) {
        violate("a command with 48-bit addresses is given to a disk that has none");
    }
    if (phase != Phase::flushes && (device_ & 0x40) == 0) {
        violate("the address is not a sector's number");
    }
    const std::uint32_t low = registers_[static_cast<std::size_t>(AtaRegister::sector_count)][0];
    const std::uint32_t high = registers_[static_cast<std::size_t>(AtaRegister::sector_count)][1];
    const std::uint32_t count = wide_command ? high << 8 | low : low;
    left_ = count != 0 ? count : wide_command ? 65536 : 256;
    selected().counts.push_back(phase == Phase::flushes ? 0 : left_);
    sector_ = address(wide_command);
    phase_ = phase;
    code_ = code;
    status_ = busy;
    if (phase == Phase::takes) {
        phase_ = drive.wants_data_late ? Phase::late_data : Phase::takes;
        status_ = drive.wants_data_late ? busy : ready | request;
    } else if (phase == Phase::dma) {
        status_ = ready | request; // not busy: it moves data
    }
}

void FakeAta::identify() {
    const Drive& drive = selected();
    if (drive.kind == Kind::cd) {
        registers_[static_cast<std::size_t>(AtaRegister::lba_mid)][0] = 0x14;
        registers_[static_cast<std::size_t>(AtaRegister::lba_high)][0] = 0xEB;
        end_badly(aborted);
        return;
    }
    std::array<std::uint16_t, 256> words{};
    words[0] = 0x0040;
    words[49] = static_cast<std::uint16_t>(1U << 9 | (drive.dma ? 1U << 8 : 0));
    const auto narrow = static_cast<std::uint32_t>(std::min<std::uint64_t>(drive.sectors, 0x0FFFFFFF));
    words[60] = static_cast<std::uint16_t>(narrow);
    words[61] = static_cast<std::uint16_t>(narrow >> 16);
    words[83] =
        static_cast<std::uint16_t>(1U << 14 | (drive.wide ? 1U << 10 | 1U << 13 : 0) | (drive.flush ? 1U << 12 : 0));
    for (unsigned i = 0; drive.wide && i < 4; ++i) {
        words[100 + i] = static_cast<std::uint16_t>(drive.sectors >> (16 * i));
    }
    std::string model = drive.model;
    model.resize(40, ' ');
    for (unsigned i = 0; i < 20; ++i) {
        words[27 + i] = static_cast<std::uint16_t>(static_cast<unsigned char>(model[2 * i]) << 8 |
                                                   static_cast<unsigned char>(model[2 * i + 1]));
    }
    std::memcpy(buffer_.data(), words.data(), buffer_.size());
    left_ = 1;
    phase_ = Phase::idle;
    status_ = ready | request;
    raise();
}

void FakeAta::read_sector(std::byte* to) {
    if ((status_ & request) == 0 || (status_ & busy) != 0 || raised_) {
        violate("data is read that the disk does not offer");
    }
    std::ranges::copy(buffer_, to);
    status_ = ready;
    if (--left_ != 0) {
        ++sector_;
        status_ = busy;
        phase_ = Phase::sends;
    } else {
        phase_ = Phase::idle;
    }
}

void FakeAta::write_sector(const std::byte* from) {
    if ((status_ & request) == 0 || (status_ & busy) != 0 || phase_ != Phase::takes) {
        violate("data is written that the disk does not want");
    }
    std::copy_n(from, buffer_.size(), buffer_.begin());
    status_ = busy;
    phase_ = Phase::commits;
}

// ---- Time

bool FakeAta::work() {
    Drive& drive = selected();
    if (drive.silent || drive.silent_for_ever || phase_ == Phase::idle || phase_ == Phase::takes ||
        (phase_ == Phase::sends && (status_ & busy) == 0)) {
        return false;
    }
    if (drive.failing_commands != 0) {
        --drive.failing_commands;
        end_badly(aborted);
        return true;
    }
    switch (phase_) {
    case Phase::sends:
        if (!fails(sector_)) {
            buffer_ = drive.content[sector_];
            status_ = drive.asks_no_data ? ready : ready | request;
            raise();
        }
        return true;
    case Phase::late_data:
        phase_ = Phase::takes;
        status_ = ready | request;
        return true;
    case Phase::commits:
        if (fails(sector_)) {
            return true;
        }
        drive.content[sector_++] = buffer_;
        if (--left_ == 0) {
            end_well();
        } else {
            phase_ = Phase::takes;
            status_ = ready | request;
            raise();
        }
        return true;
    case Phase::flushes:
        if (!drive.flush) {
            end_badly(aborted);
            return true;
        }
        ++drive.flushes;
        end_well();
        return true;
    case Phase::dma: return work_dma();
    default: return false;
    }
}

// Host memory for each sector that the table has room for.
std::vector<std::byte*> FakeAta::memory_of_table() {
    std::vector<std::byte*> memory;
    for (const machine::PhysicalRegion& region : table.entries) {
        if ((region.start % page_size) + region.bytes > page_size || region.bytes % machine::disk_sector_size != 0) {
            violate("a region of the table is no part of a page, or no whole sectors");
            return {};
        }
        for (std::uint32_t at = 0; at < region.bytes; at += machine::disk_sector_size) {
            memory.push_back(ram_->at(PhysAddr(region.start + at), machine::disk_sector_size));
        }
        if ((region.flags & machine::PhysicalRegion::last) != 0) {
            return memory;
        }
    }
    violate("the table has no end");
    return {};
}

bool FakeAta::work_dma() {
    if ((bus_command_ & bus_start) == 0) {
        return false;
    }
    Drive& drive = selected();
    const bool reads = code_ == 0xC8 || code_ == 0x25;
    if (reads != ((bus_command_ & bus_to_memory) != 0)) {
        violate("disk and bus master disagree about the direction");
    }
    if (drive.refuses_dma) {
        end_badly(aborted);
        return true;
    }
    if (bus_fails) {
        bus_status_ = static_cast<std::uint8_t>((bus_status_ | bus_error) & ~bus_active);
        end_well();
        return true;
    }
    const std::vector<std::byte*> memory = memory_of_table();
    if (memory.size() != left_) {
        violate("the table has another size than the command");
        return false;
    }
    for (std::byte* const place : memory) {
        if (fails(sector_)) {
            return true;
        }
        Content& content = drive.content[sector_++];
        if (reads) {
            std::ranges::copy(content, place);
        } else {
            std::copy_n(place, content.size(), content.begin());
        }
    }
    left_ = 0;
    if (!bus_stalls) {
        bus_status_ = static_cast<std::uint8_t>(bus_status_ & ~bus_active);
    }
    end_well();
    return true;
}

} // namespace quire::test
