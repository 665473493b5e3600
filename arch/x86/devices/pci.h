// The configuration space of PCI devices, by configuration mechanism #1 (PCI Local Bus Specification 2.2 §3.2.2.3.2).
// Looks at bus 0 only, where chipsets have their own devices.
#pragma once

#include <cstdint>
#include <optional>

namespace quire::machine {

// One function of a device on bus 0.
class PciFunction {
public:
    constexpr PciFunction(unsigned device, unsigned function) : address_(1U << 31 | device << 11 | function << 8) {}

    // The register at `offset`, a multiple of 4.
    [[nodiscard]] std::uint32_t read(std::uint8_t offset) const;
    void write(std::uint8_t offset, std::uint32_t value) const;

private:
    std::uint32_t address_;
};

// Registers (§6.2), by offset.
namespace pci_register {
inline constexpr std::uint8_t identity = 0x00, // vendor, device
    command = 0x04,                            // in the lower half; the upper is the status
    class_code = 0x08,                         // class, subclass, programming interface, revision
    header = 0x0C,                             // in bits 16 to 23 its type
    base_address_0 = 0x10;
} // namespace pci_register

namespace pci_command {
inline constexpr std::uint32_t io_space = 1U << 0, bus_master = 1U << 2;
} // namespace pci_command

// The first function of that class and subclass; nothing where there is none, or no PCI.
[[nodiscard]] std::optional<PciFunction> find_pci_function(std::uint8_t class_number, std::uint8_t subclass);

} // namespace quire::machine
