// The I/O address space: one inline function for each width and direction of IN and OUT (Intel SDM vol. 2, "IN",
// "OUT", "INS", "OUTS"). Owns nothing; what a port means is the business of the device that uses it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quire::machine {

using Port = std::uint16_t;

inline void write_port8(Port port, std::uint8_t value) {
    asm volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

inline void write_port16(Port port, std::uint16_t value) {
    asm volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

inline void write_port32(Port port, std::uint32_t value) {
    asm volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

[[nodiscard]] inline std::uint8_t read_port8(Port port) {
    std::uint8_t value = 0; // NOLINT(misc-const-correctness): the assembly writes it
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

[[nodiscard]] inline std::uint32_t read_port32(Port port) {
    std::uint32_t value = 0; // NOLINT(misc-const-correctness): the assembly writes it
    asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

// `words` times 16 bits, one after the other from or to the same port. Forwards in memory: the kernel keeps the
// direction flag clear.
inline void read_port16_words(Port port, std::byte* to, std::size_t words) {
    asm volatile("rep insw" : "+D"(to), "+c"(words) : "d"(port) : "memory");
}

inline void write_port16_words(Port port, const std::byte* from, std::size_t words) {
    asm volatile("rep outsw" : "+S"(from), "+c"(words) : "d"(port) : "memory");
}

// The same, so many bytes.
inline void write_port8_bytes(Port port, const char* from, std::size_t bytes) {
    asm volatile("rep outsb" : "+S"(from), "+c"(bytes) : "d"(port) : "memory");
}

} // namespace quire::machine
