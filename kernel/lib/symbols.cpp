// Looks functions up in the linked symbol table, from its start to its end: reports are rare. See symbols.h.
#include "kernel/lib/symbols.h"

#include <string_view>

// Weak: the first of the kernel's two links has no table yet, and its address is null there.
extern "C" [[gnu::weak]] const std::uint32_t symbol_table[]; // NOLINT(modernize-avoid-c-arrays): made by the assembler

namespace quire {

namespace {

// The text that is `count` texts behind this one.
const char* skip(const char* text, std::uint32_t count) {
    for (; count != 0; --count) {
        text += std::string_view(text).size() + 1;
    }
    return text;
}

} // namespace

SymbolTable SymbolTable::linked() {
    return SymbolTable(symbol_table);
}

std::optional<Symbol> SymbolTable::find(std::uint32_t address) const {
    constexpr std::uint32_t header_words = 4;
    if (count() == 0 || address < words_[1]) {
        return std::nullopt;
    }
    const char* const table = reinterpret_cast<const char*>(words_);
    const auto* const distances = reinterpret_cast<const std::uint16_t*>(words_ + header_words);
    std::uint32_t start = words_[1], found = 0;
    while (found + 1 < count() && address - start >= distances[found + 1]) {
        start += distances[++found];
    }
    return Symbol{skip(table + words_[2], found), table + words_[3], address - start};
}

void print_to(Sink& sink, const Symbol& symbol) {
    constexpr std::uint8_t first_word = 128, first_of_two_bytes = 224;
    for (const char* at = symbol.name; *at != '\0'; ++at) {
        const auto byte = static_cast<std::uint8_t>(*at);
        if (byte < first_word) {
            sink.write(std::string_view(at, 1));
        } else if (byte < first_of_two_bytes) {
            sink.write(skip(symbol.words, byte - first_word));
        } else {
            const std::uint32_t high = byte - std::uint32_t{first_of_two_bytes};
            const auto low = static_cast<std::uint8_t>(*++at);
            sink.write(skip(symbol.words, high * first_word + (low - first_word)));
        }
    }
    print(sink, "+{:#x}", symbol.offset);
}

} // namespace quire
