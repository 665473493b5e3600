// The words of IDENTIFY DEVICE, by their numbers.
#include "arch/x86/portable/ata_identity.h"

#include <algorithm>

namespace quire::machine {

namespace {

constexpr unsigned general = 0, model_name = 27, capabilities = 49, sectors_28 = 60, command_sets = 83,
                   sectors_48 = 100, sector_size = 106;
constexpr unsigned not_ata = 15;                                        // of `general`
constexpr unsigned dma = 8, lba = 9;                                    // of `capabilities`
constexpr unsigned addresses_48 = 10, flush_cache = 12, flush_ext = 13; // of `command_sets`
constexpr unsigned long_sectors = 12;                                   // of `sector_size`
constexpr unsigned model_words = 20;

} // namespace

bool AtaIdentity::usable() const {
    return !bit(general, not_ata) && bit(capabilities, lba) && sectors() != 0 &&
           !(valid(sector_size) && bit(sector_size, long_sectors));
}

std::uint64_t AtaIdentity::sectors() const {
    if (!has_48_bits()) {
        return word(sectors_28) | std::uint64_t{word(sectors_28 + 1)} << 16;
    }
    std::uint64_t count = 0;
    for (unsigned i = 4; i-- > 0;) {
        count = count << 16 | word(sectors_48 + i);
    }
    return count;
}

bool AtaIdentity::has_dma() const {
    return bit(capabilities, dma);
}

bool AtaIdentity::has_48_bits() const {
    return valid(command_sets) && bit(command_sets, addresses_48);
}

bool AtaIdentity::has_flush() const {
    return valid(command_sets) && (bit(command_sets, flush_cache) || bit(command_sets, flush_ext));
}

// Two characters a word, the first in the higher byte (§3.2.8).
std::array<char, 41> AtaIdentity::model() const {
    std::array<char, 41> text{};
    for (unsigned i = 0; i < model_words; ++i) {
        text[2 * i] = static_cast<char>(word(model_name + i) >> 8);
        text[2 * i + 1] = static_cast<char>(word(model_name + i) & 0xFF);
    }
    std::replace_if(
        text.begin(), text.end() - 1, [](char c) { return c < ' ' || c > '~'; }, ' ');
    const auto first = std::find_if(text.begin(), text.end(), [](char c) { return c != ' '; });
    const auto end = std::copy(first, text.end(), text.begin());
    std::fill(end, text.end(), '\0');
    for (std::size_t at = text.size() - 1; at-- > 0 && (text[at] == ' ' || text[at] == '\0');) {
        text[at] = '\0';
    }
    return text;
}

} // namespace quire::machine
