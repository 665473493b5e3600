// A terminal for tests, as simple as one can be: rows of characters, a cursor, and the four control characters that
// the line editor may use. Writing into the last column is noted, for there real terminals differ.
#pragma once

#include "kernel/lib/format.h"

#include <cstddef>
#include <string>
#include <vector>

namespace quire::test {

class ScreenModel final : public Sink {
public:
    explicit ScreenModel(std::size_t columns) : columns_(columns), rows_(1, std::string(columns, ' ')) {}

    void write(std::string_view text) override {
        for (const char c : text) {
            put(c);
        }
    }

    // A row without the blanks at its end; `up` rows above the cursor's.
    [[nodiscard]] std::string row(std::size_t up = 0) const {
        std::string text = rows_.at(row_ - up);
        text.erase(text.find_last_not_of(' ') + 1);
        return text;
    }
    [[nodiscard]] std::string whole_row() const { return rows_[row_]; }
    [[nodiscard]] std::size_t column() const { return column_; }
    [[nodiscard]] std::size_t row_number() const { return row_; }
    [[nodiscard]] bool well_behaved() const { return well_behaved_; }

private:
    void put(char c) {
        switch (c) {
        case '\r': column_ = 0; return;
        case '\n': // the console sends a carriage return with it
            column_ = 0;
            ++row_;
            rows_.resize(row_ + 1, std::string(columns_, ' '));
            return;
        case '\b':
            well_behaved_ = well_behaved_ && column_ > 0;
            column_ -= column_ > 0 ? 1 : 0;
            return;
        default: break;
        }
        well_behaved_ = well_behaved_ && c >= ' ' && c <= '~' && column_ + 1 < columns_;
        if (column_ < columns_) {
            rows_[row_][column_++] = c;
        }
    }

    std::size_t columns_;
    std::vector<std::string> rows_;
    std::size_t row_ = 0;
    std::size_t column_ = 0;
    bool well_behaved_ = true;
};

} // namespace quire::test
