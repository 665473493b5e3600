// Small pieces of text that tables are made of: bars, shares, titles. They print themselves and own nothing.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/monitor/console/display.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quire {

// What part of the whole: "95.3 %", six characters; "0.0 %" of nothing.
struct Share {
    std::uint64_t part = 0, whole = 0;
};
inline void print_to(Sink& sink, const Share& share) {
    const std::uint64_t thousandths = share.whole == 0 ? 0 : share.part * 1000 / share.whole;
    print(sink, "{:3}.{} %", thousandths / 10, thousandths % 10);
}

// A bar of '#' as long as the part, in a field as long as the whole; what is not nothing shows as one at least.
struct Bar {
    std::uint64_t part = 0, whole = 0;
    std::size_t width = 20;
};
inline void print_to(Sink& sink, const Bar& bar) {
    const std::uint64_t exact = bar.whole == 0 ? 0 : bar.part * bar.width / bar.whole;
    const std::uint64_t length = bar.part != 0 ? std::max<std::uint64_t>(exact, 1) : 0;
    for (std::size_t i = 0; i < bar.width; ++i) {
        sink.write(i < length ? "#" : ".");
    }
}

// A line of its own, in the colour of headings.
inline void print_title(Display& out, std::string_view title) {
    print(out, "{}{}{}\n", out.paint(Ink::strong), title, out.paint(Ink::plain));
}

} // namespace quire
