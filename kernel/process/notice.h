// What the kernel has to say while programs use the console: each line begins with "kernel: ", so that it can be told
// from theirs.
#pragma once

#include "arch/x86/include/devices.h"
#include "kernel/lib/format.h"

namespace quire {

class Notice final : public Sink {
public:
    void write(std::string_view text) override {
        for (std::size_t at = 0; at < text.size();) {
            if (line_starts_) {
                machine::console_write("kernel: ");
            }
            const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
            machine::console_write(text.substr(at, end - at));
            line_starts_ = text[end - 1] == '\n';
            at = end;
        }
    }

private:
    bool line_starts_ = true;
};

} // namespace quire
