// The IDE controller of a PC: two channels at their legacy ports and interrupt lines, and, where PCI has the
// controller, its bus master. What goes over the ports is arch/x86/portable/ata_channel.h's business.
#pragma once

#include "arch/x86/devices/io_ports.h"
#include "arch/x86/portable/ata_channel.h"

#include <array>

namespace quire::machine {

// The ports of one channel.
class LegacyAtaPorts final : public AtaPorts {
public:
    // `commands`: eight ports; `control`: one.
    constexpr LegacyAtaPorts(Port commands, Port control) : commands_(commands), control_(control) {}
    // Where the bus master's eight ports for this channel begin.
    void set_bus_master(Port base) { bus_master_ = base; }

    [[nodiscard]] std::uint8_t read(AtaRegister which) override { return read_port8(port(which)); }
    void write(AtaRegister which, std::uint8_t value) override { write_port8(port(which), value); }
    void read_sector(std::byte* to) override;
    void write_sector(const std::byte* from) override;
    void set_table(PhysAddr table) override;

private:
    [[nodiscard]] Port port(AtaRegister which) const;

    Port commands_, control_;
    Port bus_master_ = 0;
};

class DiskController {
public:
    static constexpr std::array<unsigned, disk_channels> irqs{14, 15};

    DiskController() = default;
    DiskController(const DiskController&) = delete;
    DiskController& operator=(const DiskController&) = delete;

    // Looks for the controller and its bus master.
    void start();
    [[nodiscard]] DiskChannel* channel(unsigned number) { return number < disk_channels ? channels_[number] : nullptr; }
    // Serves the interrupt of a channel. Whether the kernel has to look.
    bool serve(unsigned number) { return channels_[number]->interrupted(); }

private:
    LegacyAtaPorts first_ports_{0x1F0, 0x3F6}, second_ports_{0x170, 0x376};
    AtaChannel first_{first_ports_}, second_{second_ports_};
    std::array<AtaChannel*, disk_channels> channels_{&first_, &second_};
    std::array<PhysicalRegionTable, disk_channels> tables_;
};

} // namespace quire::machine
