// Pages that are one word over and over need no disk: the word is kept here, with the number of entries that stand for
// such a page. A fixed number of words, so that nothing is allocated when memory runs out; a page whose word finds no
// room goes to a disk like any other.
#pragma once

#include "kernel/lib/panic.h"

#include <array>
#include <cstdint>
#include <optional>

namespace quire {

class RepeatedWords {
public:
    static constexpr std::uint32_t sets = 64, ways = 8;
    // Words are kept under these numbers. None is under 0: so the slot of one is never taken for none.
    static constexpr std::uint32_t first_number = 1, end_of_numbers = first_number + sets * ways;

    // The number under which the word is kept, with one more user; nothing where its set is full. O(ways).
    [[nodiscard]] std::optional<std::uint32_t> take(std::uint32_t word) {
        const std::uint32_t first = first_number + set_of(word) * ways;
        std::optional<std::uint32_t> free;
        for (std::uint32_t number = first; number < first + ways; ++number) {
            if (entries_[number].users != 0 && entries_[number].word == word) {
                ++entries_[number].users;
                return number;
            }
            if (entries_[number].users == 0 && !free) {
                free = number;
            }
        }
        if (free) {
            entries_[*free] = {.word = word, .users = 1};
        }
        return free;
    }
    // More users of a number that has some, or fewer. O(1).
    void retain(std::uint32_t number, std::uint32_t users) { entries_[number].users += users; }
    void release(std::uint32_t number, std::uint32_t users) {
        ensure(number < end_of_numbers && entries_[number].users >= users, "a repeated word that is released is used");
        entries_[number].users -= users;
    }

    [[nodiscard]] std::uint32_t word(std::uint32_t number) const { return entries_[number].word; }
    [[nodiscard]] std::uint32_t users(std::uint32_t number) const {
        return number < end_of_numbers ? entries_[number].users : 0;
    }

private:
    struct Entry {
        std::uint32_t word = 0;
        std::uint32_t users = 0; // 0: nothing is kept here
    };
    [[nodiscard]] static constexpr std::uint32_t set_of(std::uint32_t word) {
        return (word * 0x9E3779B1U) >> 26U; // the upper bits are the best spread ones
    }
    static_assert(sets == 1U << (32 - 26));

    std::array<Entry, end_of_numbers> entries_{};
};

} // namespace quire
