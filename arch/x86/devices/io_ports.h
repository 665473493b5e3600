// The I/O address space: one inline function for each width and direction of IN and OUT (Intel SDM vol. 2, "IN",
// "OUT"). Owns nothing; what a port means is the business of the device that uses it.
#pragma once

#include <cstdint>

namespace quire::machine {

using Port = std::uint16_t;

inline void write_port8(Port port, std::uint8_t value) {
    asm volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

inline void write_port16(Port port, std::uint16_t value) {
    asm volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

[[nodiscard]] inline std::uint8_t read_port8(Port port) {
    std::uint8_t value = 0; // NOLINT(misc-const-correctness): the assembly writes it
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

} // namespace quire::machine
