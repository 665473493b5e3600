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
    // Functions in address order, with their full names.
    explicit SymbolWords(const std::vector<std::pair<std::uint32_t, std::string>>& functions) {
        std::string names;
        std::vector<std::string> scopes{""};
        std::vector<std::uint32_t> addresses;
        for (const auto& [address, full_name] : functions) {
            const std::size_t colons = full_name.rfind("::");
            const std::string scope = colons == std::string::npos ? "" : full_name.substr(0, colons);
            auto known = std::find(scopes.begin(), scopes.end(), scope);
            known = known != scopes.end() ? known : scopes.insert(known, scope);
            addresses.push_back(address);
            names += static_cast<char>(known - scopes.begin());
            names += full_name.substr(colons == std::string::npos ? 0 : colons + 2) + '\0';
        }
        const auto names_start = static_cast<std::uint32_t>((3 + addresses.size()) * sizeof(std::uint32_t));
        const auto scopes_start = names_start + static_cast<std::uint32_t>(names.size());
        for (const std::string& scope : scopes) {
            names += scope + '\0';
        }
        words_ = {static_cast<std::uint32_t>(addresses.size()), names_start, scopes_start};
        words_.insert(words_.end(), addresses.begin(), addresses.end());
        words_.resize(words_.size() + (names.size() + 3) / 4);
        std::memcpy(words_.data() + names_start / 4, names.data(), names.size());
    }

    [[nodiscard]] SymbolTable table() const { return SymbolTable(words_.data()); }

private:
    std::vector<std::uint32_t> words_;
};

} // namespace quire::test
