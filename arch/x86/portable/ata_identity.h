// What a disk answers to IDENTIFY DEVICE: 256 words of 16 bits (ATA-6 §8.15, table 27). Here are those that the driver
// wants to know.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace quire::machine {

class AtaIdentity {
public:
    static constexpr std::size_t size = 512; // bytes; as a sector

    explicit AtaIdentity(const std::array<std::byte, size>& bytes) : bytes_(&bytes) {}

    // Whether it is a disk with sectors of 512 bytes that are addressed by number.
    [[nodiscard]] bool usable() const;
    [[nodiscard]] std::uint64_t sectors() const;
    [[nodiscard]] bool has_dma() const;
    [[nodiscard]] bool has_48_bits() const;
    [[nodiscard]] bool has_flush() const;
    // Without the spaces around it.
    [[nodiscard]] std::array<char, 41> model() const;

private:
    [[nodiscard]] std::uint16_t word(unsigned number) const {
        return static_cast<std::uint16_t>(std::to_integer<unsigned>((*bytes_)[2 * number]) |
                                          std::to_integer<unsigned>((*bytes_)[2 * number + 1]) << 8);
    }
    [[nodiscard]] bool bit(unsigned number, unsigned which) const {
        return (unsigned{word(number)} >> which & 1U) != 0;
    }
    // Whether the word holds what the standard says: bit 14 is set and bit 15 is not.
    [[nodiscard]] bool valid(unsigned number) const { return word(number) >> 14 == 1; }

    const std::array<std::byte, size>* bytes_;
};

} // namespace quire::machine
