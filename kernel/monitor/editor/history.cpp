// Keeps the lines typed before packed behind each other, oldest first.
#include "kernel/monitor/editor/history.h"

#include <algorithm>

namespace quire {

namespace {
constexpr char line_end = '\n';
}

void History::add(std::string_view line) {
    if (line.empty() || line.size() + 1 > capacity || line == this->line(0)) {
        return;
    }
    while (used_ + line.size() + 1 > capacity) {
        forget_oldest();
    }
    for (const char c : line) {
        text_[used_++] = c == line_end ? ' ' : c;
    }
    text_[used_++] = line_end;
    ++count_;
}

std::string_view History::line(std::size_t age) const {
    if (age >= count_) {
        return {};
    }
    std::string_view rest{text_.data(), used_};
    for (std::size_t older = count_ - 1 - age; older > 0; --older) {
        rest.remove_prefix(rest.find(line_end) + 1);
    }
    return rest.substr(0, rest.find(line_end));
}

void History::forget_oldest() {
    const std::string_view all{text_.data(), used_};
    const std::size_t gone = all.find(line_end) + 1;
    std::copy(text_.begin() + static_cast<std::ptrdiff_t>(gone), text_.begin() + static_cast<std::ptrdiff_t>(used_),
              text_.begin());
    used_ -= gone;
    --count_;
}

} // namespace quire
