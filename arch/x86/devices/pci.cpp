// Reading and writing configuration space through its two ports.
#include "arch/x86/devices/pci.h"

#include "arch/x86/devices/io_ports.h"

namespace quire::machine {

namespace {

constexpr Port address_port = 0xCF8, data_port = 0xCFC;
constexpr std::uint32_t nobody = 0xFFFFFFFF; // the identity of a function that is not there
constexpr unsigned device_count = 32, function_count = 8;
constexpr std::uint32_t several_functions = 1U << 23; // of `header`

// A register that keeps what is written to it tells the mechanism from an empty bus.
bool has_pci() {
    constexpr std::uint32_t enable = 1U << 31;
    write_port32(address_port, enable);
    return read_port32(address_port) == enable;
}

} // namespace

std::uint32_t PciFunction::read(std::uint8_t offset) const {
    write_port32(address_port, address_ | offset);
    return read_port32(data_port);
}

void PciFunction::write(std::uint8_t offset, std::uint32_t value) const {
    write_port32(address_port, address_ | offset);
    write_port32(data_port, value);
}

std::optional<PciFunction> find_pci_function(std::uint8_t class_number, std::uint8_t subclass) {
    const auto wanted = static_cast<std::uint32_t>(class_number << 8 | subclass);
    if (!has_pci()) {
        return std::nullopt;
    }
    for (unsigned device = 0; device < device_count; ++device) {
        for (unsigned number = 0; number < function_count; ++number) {
            const PciFunction function(device, number);
            if (function.read(pci_register::identity) != nobody) {
                if (function.read(pci_register::class_code) >> 16 == wanted) {
                    return function;
                }
            } else if (number == 0) {
                break;
            }
            if (number == 0 && (function.read(pci_register::header) & several_functions) == 0) {
                break;
            }
        }
    }
    return std::nullopt;
}

} // namespace quire::machine
