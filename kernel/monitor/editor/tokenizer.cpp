// Takes typed lines apart and compares words. See words.h.
#include "kernel/monitor/editor/tokenizer.h"

#include <algorithm>
#include <utility>

namespace quire {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool ends_word(char c) {
    return is_blank(c) || c == ';';
}

} // namespace

// Copies the word that `line` begins with, without its quotes and backslashes, and takes it off.
Result<void> Tokenizer::take_word(std::string_view& line) {
    const std::size_t start = used_;
    char quote = '\0'; // the quote that is open, if any
    while (!line.empty() && (quote != '\0' || !ends_word(line.front()))) {
        char c = line.front();
        line.remove_prefix(1);
        if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
            quote = quote != '\0' ? '\0' : c;
            continue;
        }
        if (c == '\\' && quote != '\'' && !line.empty()) {
            c = line.front();
            line.remove_prefix(1);
        }
        if (used_ == most_text) {
            return fail(Error::too_large);
        }
        text_[used_++] = c;
    }
    if (quote != '\0') {
        return fail(Error::truncated);
    }
    if (count_ == most_words) {
        return fail(Error::too_large);
    }
    words_[count_++] = {text_.data() + start, used_ - start};
    return {};
}

Result<void> Tokenizer::take_command(std::string_view& line) {
    used_ = 0;
    count_ = 0;
    while (!line.empty()) {
        const char c = line.front();
        if (c == '#') {
            line = {};
            break;
        }
        if (ends_word(c)) {
            line.remove_prefix(1);
            if (c == ';') {
                break;
            }
            continue;
        }
        const Result<void> taken = take_word(line);
        if (!taken) {
            count_ = 0;
            line = {};
            return taken;
        }
    }
    return {};
}

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
