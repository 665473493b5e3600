// A trace: what happened, one line for each event, to be read on another machine. It counts its lines and sums up its
// bytes, and the last line says both, so that a reader sees whether all of it has come. docs/traces.md says what the
// lines are. It keeps nothing: what is written has gone to the sink.
#pragma once

#include "kernel/lib/format.h"

#include <cstdint>
#include <string_view>

namespace quire {

// FNV-1a, of 32 bits (Fowler, Noll and Vo): what the sum of some bytes is with one more.
[[nodiscard]] constexpr std::uint32_t trace_sum(std::uint32_t sum, char byte) {
    constexpr std::uint32_t prime = 0x01000193;
    return (sum ^ static_cast<unsigned char>(byte)) * prime;
}
inline constexpr std::uint32_t first_trace_sum = 0x811C9DC5;

// The first words of a trace, by what is in it.
inline constexpr std::string_view decisions_title = "quire-trace 1 decisions";
inline constexpr std::string_view accesses_title = "quire-trace 1 accesses";

class Trace final : public Sink {
public:
    Trace() = default;
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;
    ~Trace() = default;

    [[nodiscard]] bool is_on() const { return to_ != nullptr; }
    // Whole lines, or their parts; nothing where it is off.
    void write(std::string_view text) override;
    // All that follows goes to `to`, which outlives the trace.
    void begin(Sink& to);
    // The last line; nothing where it is off.
    void end();
    // Since begin().
    [[nodiscard]] std::uint64_t lines() const { return lines_; }

private:
    Sink* to_ = nullptr;
    std::uint64_t lines_ = 0;
    std::uint32_t sum_ = first_trace_sum;
};

} // namespace quire
