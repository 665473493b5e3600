// The lines typed before, newest first, in a fixed amount of memory: when there is no room the oldest go.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace quire {

class History {
public:
    // Keeps `line`, unless it is empty, equals the newest one or is longer than all the room there is. O(capacity).
    void add(std::string_view line);

    // The line entered `age` lines ago (0 = the newest), or an empty one where there is none. O(capacity).
    [[nodiscard]] std::string_view line(std::size_t age) const;
    [[nodiscard]] std::size_t count() const { return count_; }

    static constexpr std::size_t capacity = 2048; // characters, with one more for each line

private:
    void forget_oldest();

    std::array<char, capacity> text_{}; // the lines, oldest first, each ended by a line feed
    std::size_t used_ = 0;
    std::size_t count_ = 0;
};

} // namespace quire
