// Lines counted and summed up.
#include "kernel/memory/replacement/trace.h"

#include <utility>

namespace quire {

void Trace::write(std::string_view text) {
    if (to_ == nullptr) {
        return;
    }
    for (const char c : text) {
        sum_ = trace_sum(sum_, c);
        lines_ += c == '\n' ? 1 : 0;
    }
    to_->write(text);
}

void Trace::begin(Sink& to) {
    to_ = &to;
    lines_ = 0;
    sum_ = first_trace_sum;
}

void Trace::end() {
    if (Sink* const to = std::exchange(to_, nullptr)) {
        print(*to, "end {:x} {:x}\n", lines_, sum_);
    }
}

} // namespace quire
