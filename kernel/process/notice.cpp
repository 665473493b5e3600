// Lines of the kernel's own on the programs' console.
#include "kernel/process/notice.h"

#include "kernel/fs/device/terminal.h"

#include <algorithm>
#include <limits>

namespace quire {

namespace {

constexpr std::string_view beginning = "kernel: ";

constexpr std::size_t indent = 2;

} // namespace

std::size_t console_width(const Terminal* console, std::size_t otherwise) {
    constexpr std::size_t least = 40;
    if (console == nullptr || !console->may_be_asked) {
        return otherwise;
    }
    return std::max<std::size_t>(console->size.columns, least) - 1;
}

Notice::Notice(const Terminal* console)
    : text_(lines_, console_width(console, std::numeric_limits<std::size_t>::max()) - beginning.size(), indent) {}

void Notice::Lines::write(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (line_starts_) {
            machine::console_write(beginning);
        }
        const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
        machine::console_write(text.substr(at, end - at));
        line_starts_ = text[end - 1] == '\n';
        at = end;
    }
}

} // namespace quire
