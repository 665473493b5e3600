// What a program asked of its heap, as a list of events. Recorded with addresses (RawEvent), replayed with slots
// (Event): a slot is where the replay keeps the address of one live block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace quire::bench {

enum class Operation : std::uint32_t { allocate, free, reallocate };

// One call, as the recorder saw it. Addresses are of the recorded program.
struct RawEvent {
    std::uint64_t address = 0;  // what was returned; for free, what was given
    std::uint64_t previous = 0; // reallocate: what was given
    std::uint64_t bytes = 0;
    Operation operation = Operation::allocate;
    std::uint32_t unused = 0;
};

class Event {
public:
    static constexpr std::uint32_t most_bytes = (1U << 30) - 1;

    Event(Operation operation, std::uint32_t slot, std::uint64_t bytes)
        : slot_(slot), packed_((static_cast<std::uint32_t>(operation) << 30) |
                               static_cast<std::uint32_t>(bytes < most_bytes ? bytes : most_bytes)) {}
    [[nodiscard]] Operation operation() const { return static_cast<Operation>(packed_ >> 30); }
    [[nodiscard]] std::uint32_t slot() const { return slot_; }
    [[nodiscard]] std::uint32_t bytes() const { return packed_ & most_bytes; } // 0 for free

private:
    std::uint32_t slot_;
    std::uint32_t packed_;
};
static_assert(sizeof(Event) == 8);

struct Trace {
    std::span<const Event> events{};
    std::uint32_t slots = 0;      // live at once, at most
    std::uint64_t peak_bytes = 0; // live at once, at most
    std::uint64_t mean_bytes = 0; // of a request
};

// Turns recorded events into a file of events that frees, at its end, all that the program left.
void convert(const std::string& raw_path, const std::string& path);
// Writes a file of random events: `live` blocks, of which a random one is freed and replaced, again and again.
void make_churn(const std::string& path, std::uint32_t live, std::uint32_t rounds);
// Maps a file of events.
Trace load(const std::string& path);

} // namespace quire::bench
