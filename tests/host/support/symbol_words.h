// A symbol table as tools/symbols.cmake has the assembler make it, for functions that a test names.
#pragma once

#include "kernel/lib/symbols.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace quire::test {

class SymbolWords {
public:
    // Functions in address order, with their full names. Scopes are words with numbers, the first hundred and those of
    // more than a byte, too.
    explicit SymbolWords(const std::vector<std::pair<std::uint32_t, std::string>>& functions) {
        constexpr std::uint32_t first_word = 128, words_of_one_byte = 96, first_of_two_bytes = 224;
        std::string names, texts;
        std::vector<std::string> scopes;
        std::vector<std::uint16_t> distances;
        for (const auto& [address, full_name] : functions) {
            const std::size_t colons = full_name.rfind("::");
            if (colons != std::string::npos) {
                const std::string scope = full_name.substr(0, colons + 2);
                auto known = std::find(scopes.begin(), scopes.end(), scope);
                known = known != scopes.end() ? known : scopes.insert(known, scope);
                const auto number = static_cast<std::uint32_t>(known - scopes.begin());
                if (number < words_of_one_byte) {
                    names += static_cast<char>(first_word + number);
                } else {
                    names += static_cast<char>(first_of_two_bytes + number / first_word);
                    names += static_cast<char>(first_word + number % first_word);
                }
            }
            names += full_name.substr(colons == std::string::npos ? 0 : colons + 2) + '\0';
            const std::uint32_t before = distances.empty() ? address : last_;
            distances.push_back(static_cast<std::uint16_t>(address - before));
            last_ = address;
        }
        for (const std::string& scope : scopes) {
            texts += scope + '\0';
        }
        const std::size_t distances_size = distances.size() * sizeof(std::uint16_t);
        const auto names_start = static_cast<std::uint32_t>(4 * sizeof(std::uint32_t) + distances_size);
        words_ = {static_cast<std::uint32_t>(functions.size()), functions.empty() ? 0 : functions[0].first, names_start,
                  names_start + static_cast<std::uint32_t>(names.size())};
        const std::string bytes =
            std::string(reinterpret_cast<const char*>(distances.data()), distances_size) + names + texts;
        words_.resize(4 + (bytes.size() + 3) / 4);
        if (!bytes.empty()) {
            std::memcpy(words_.data() + 4, bytes.data(), bytes.size());
        }
    }

    [[nodiscard]] SymbolTable table() const { return SymbolTable(words_.data()); }

private:
    std::vector<std::uint32_t> words_;
    std::uint32_t last_ = 0; // function's address
};

} // namespace quire::test
