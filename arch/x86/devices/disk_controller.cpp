// Finding the controller, and its ports.
#include "arch/x86/devices/disk_controller.h"

#include "arch/x86/cpu/hardware.h"
#include "arch/x86/devices/pci.h"
#include "kernel/machine/image.h"

namespace quire::machine {

namespace {

constexpr std::uint8_t mass_storage = 0x01, ide = 0x01; // PCI's class and subclass (PCI 2.2, appendix D)
// Of the programming interface ("PCI IDE Controller Specification" 1.0 §1.2, "Programming Interface" §1.1).
constexpr std::uint32_t has_bus_master = 1U << 7;
constexpr std::uint8_t bus_master_address = pci_register::base_address_0 + 4 * 4;
constexpr std::uint32_t is_io_space = 1U << 0, address_bits = 0xFFF0;

constexpr unsigned command_offset = 0, status_offset = 2, table_offset = 4; // of the bus master
constexpr Port bytes_for_channel = 8;

// The controller's state lies in the kernel's image, which the direct map shows as a whole.
PhysAddr physical(const PhysicalRegionTable& table) {
    return PhysAddr(static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&table)) - kernel_base);
}

} // namespace

Port LegacyAtaPorts::port(AtaRegister which) const {
    switch (which) {
    case AtaRegister::alternate_status: return control_;
    case AtaRegister::bus_master_command: return static_cast<Port>(bus_master_ + command_offset);
    case AtaRegister::bus_master_status: return static_cast<Port>(bus_master_ + status_offset);
    default: return static_cast<Port>(commands_ + static_cast<unsigned>(which));
    }
}

void LegacyAtaPorts::read_sector(std::byte* to) {
    read_port16_words(commands_, to, disk_sector_size / 2);
}

void LegacyAtaPorts::write_sector(const std::byte* from) {
    write_port16_words(commands_, from, disk_sector_size / 2);
}

void LegacyAtaPorts::set_table(PhysAddr table) {
    write_port32(static_cast<Port>(bus_master_ + table_offset), table.value());
}

void DiskController::start() {
    const std::optional<PciFunction> controller = find_pci_function(mass_storage, ide);
    if (!controller || (controller->read(pci_register::class_code) >> 8 & has_bus_master) == 0) {
        return;
    }
    const std::uint32_t base = controller->read(bus_master_address);
    if ((base & is_io_space) == 0 || (base & address_bits) == 0) {
        return;
    }
    const std::uint32_t command = controller->read(pci_register::command) & 0xFFFF;
    controller->write(pci_register::command, command | pci_command::io_space | pci_command::bus_master);
    const auto first = static_cast<Port>(base & address_bits);
    first_ports_.set_bus_master(first);
    second_ports_.set_bus_master(static_cast<Port>(first + bytes_for_channel));
    for (std::size_t at = 0; at < channels_.size(); ++at) {
        channels_[at]->use_bus_master(tables_[at], physical(tables_[at]));
    }
}

// The interface of disks.h.

DiskChannel* disk_channel(unsigned number) {
    return cpu_local->hardware->disks.channel(number);
}

} // namespace quire::machine
