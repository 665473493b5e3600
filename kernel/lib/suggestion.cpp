// Distances between words.
#include "kernel/lib/suggestion.h"

#include <algorithm>
#include <array>
#include <utility>

namespace quire {

unsigned edit_distance(std::string_view a, std::string_view b) {
    constexpr std::size_t longest = 31;
    if (a.size() > longest || b.size() > longest) {
        return static_cast<unsigned>(std::max(a.size(), b.size()));
    }
    // Row i holds the distances of the first i characters of a to every beginning of b; three rows are alive.
    std::array<std::array<unsigned, longest + 1>, 3> rows{};
    for (unsigned j = 0; j <= b.size(); ++j) {
        rows[0][j] = j;
    }
    for (unsigned i = 1; i <= a.size(); ++i) {
        auto& row = rows[i % 3];
        const auto& above = rows[(i + 2) % 3];
        const auto& two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= b.size(); ++j) {
            const unsigned replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], two_above[j - 2] + 1);
            }
        }
    }
    return rows[a.size() % 3][b.size()];
}

void Suggestion::consider(std::string_view known) {
    if (typed_.empty() || known.empty()) {
        return;
    }
    // A word that begins as typed, or the other way round, was probably meant, however much is missing.
    const std::size_t common = std::min(typed_.size(), known.size());
    const bool begins_alike = common >= 2 && typed_.substr(0, common) == known.substr(0, common);
    const unsigned distance = begins_alike ? 1 : edit_distance(typed_, known);
    const std::size_t tolerated = std::max<std::size_t>(1, common / 3);
    if (distance <= tolerated && (best_.empty() || distance < distance_)) {
        best_ = known;
        distance_ = distance;
    }
}

} // namespace quire
