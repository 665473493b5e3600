// Traces read, written, and made small.
#include "bench/replacement/trace.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

namespace quire::bench {

namespace {

template <class Number> Number parse(std::string_view text, int base) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw std::runtime_error("no number: " + std::string(text));
    }
    return number;
}

} // namespace

Trace read_trace(std::istream& from) {
    Trace trace;
    for (std::string line; std::getline(from, line);) {
        std::string_view text = line;
        text = text.substr(0, text.find('#'));
        text = text.substr(0, text.find_last_not_of(' ') + 1);
        if (!text.empty()) {
            trace.touches.push_back(parse<std::uint32_t>(text, 10));
            trace.pages = std::max(trace.pages, trace.touches.back() + 1);
        }
    }
    return trace;
}

void write_trace(std::ostream& to, const Trace& trace) {
    for (const std::uint32_t page : trace.touches) {
        to << page << '\n';
    }
}

// Lines are "I  04001090,3" or " L 1ffeffe7e,8", and S and M for writes; other lines are not lackey's.
Trace read_lackey(std::istream& from, std::size_t most) {
    Trace trace;
    std::unordered_map<std::uint64_t, std::uint32_t> numbers;
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    for (std::string line; trace.touches.size() < most && std::getline(from, line);) {
        const std::string_view text = line;
        const std::string_view kind = text.substr(0, 3);
        const std::size_t comma = text.find(',');
        if ((kind != "I  " && kind != " L " && kind != " S " && kind != " M ") || comma == std::string_view::npos) {
            continue;
        }
        const auto address = parse<std::uint64_t>(text.substr(3, comma - 3), 16);
        const auto size = parse<std::uint64_t>(text.substr(comma + 1), 10);
        for (std::uint64_t page = address >> 12U; page <= (address + std::max<std::uint64_t>(size, 1) - 1) >> 12U;
             ++page) {
            if (page != last) {
                trace.touches.push_back(
                    numbers.try_emplace(page, static_cast<std::uint32_t>(numbers.size())).first->second);
                last = page;
            }
        }
    }
    trace.pages = static_cast<std::uint32_t>(numbers.size());
    return trace;
}

Trace reduced(const Trace& trace) {
    const std::size_t most_recent = std::max<std::size_t>(trace.pages * 3 / 100, 2);
    std::list<std::uint32_t> recent;               // pages, the one touched last first
    std::vector<std::size_t> kept_at(trace.pages); // the span in which a touch of the page was kept last
    std::size_t span = 0;
    Trace result;
    result.pages = trace.pages;
    for (const std::uint32_t page : trace.touches) {
        const auto found = std::ranges::find(recent, page);
        if (found != recent.end()) {
            recent.splice(recent.begin(), recent, found);
        } else {
            ++span;
            recent.push_front(page);
            if (recent.size() > most_recent) {
                recent.pop_back();
            }
        }
        if (kept_at[page] != span) {
            result.touches.push_back(page);
            kept_at[page] = span;
        }
    }
    return result;
}

} // namespace quire::bench
