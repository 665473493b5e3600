// What the kernel has to say while programs use the console: each line begins with "kernel: ", so that it can be told
// from theirs. Where a terminal is known, lines fit it; in a file or a pipe they are as long as they are.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/wrap.h"
#include "kernel/machine/devices.h"

namespace quire {

class Terminal;

// How long a line on the console may be: one column less than its terminal has; `otherwise` where there is none yet, or
// its size is not known.
[[nodiscard]] std::size_t console_width(const Terminal* console, std::size_t otherwise);

class Notice final : public Sink {
public:
    // `console`: the terminal of the programs, if there is one.
    explicit Notice(const Terminal* console);
    void write(std::string_view text) override { text_.write(text); }

private:
    // Puts the beginning before every line.
    class Lines final : public Sink {
    public:
        void write(std::string_view text) override;

    private:
        bool line_starts_ = true;
    };

    Lines lines_;
    WrapSink text_; // goes first, for it holds back a word
};

} // namespace quire
