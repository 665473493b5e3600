// Collects what the kernel prints, for a test to look at.
#pragma once

#include "kernel/lib/format.h"

#include <string>

namespace quire::test {

class StringSink final : public Sink {
public:
    void write(std::string_view text) override { text_ += text; }
    [[nodiscard]] const std::string& text() const { return text_; }
    void clear() { text_.clear(); }

private:
    std::string text_;
};

} // namespace quire::test
