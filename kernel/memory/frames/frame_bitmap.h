// A set of numbers, each free or taken, that finds a free one, or a run of free ones, by touching a bounded number of
// words however full it is. It owns the order of the bits in words that its user provides; it knows nothing of what
// the numbers stand for (frames, swap slots, process ids) and allocates nothing.
//
// One bit per number, set where the number is free; 32 make a word. Above the bits stand summaries, 32 to one:
//
//   level 3                 1 bit = 32,768 numbers        \  a bit is set where the word below it is whole,
//   level 2                 1 bit =  1,024 numbers         > that is, all 32 of its bits are set; so the levels
//   level 1                 1 bit =     32 numbers        /  are bitmaps of free runs of 32, 1,024, 32,768
//   level 0  1011…0001      1 bit =      1 number
//
// In a word of level L a run of 2^j set bits that starts at a multiple of 2^j is an aligned free run of order 5 L + j.
// For each j from 0 to 4 a tree of "there is some" bits stands over the words of the level: bit w of its lowest layer
// tells whether word w holds such a run, and each layer above tells which words of the layer below are not zero. The
// tree of order 0 finds a free number; the others find runs. Taking or freeing one number changes the answer for at
// most one order, so at most four words are written.
//
// Of frames, a word of level 1 stands for one 4 MiB page.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/lib/panic.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace quire {

// What the bitmap tells about each word it touches: nothing, at no cost …
struct CountNothing {
    static constexpr void note() {}
};
// … or, in tests and benchmarks, how many there were.
struct CountWords {
    void note() const { ++touched; }
    mutable std::uint64_t touched = 0;
};

template <class Counter> class BasicFrameBitmap {
public:
    using Word = std::uint32_t;
    static constexpr std::uint32_t word_bits = 32;
    static constexpr std::uint32_t levels = 4;
    static constexpr std::uint32_t most_numbers = 1U << 20; // 32^levels
    // Runs that are not found by their order are looked for at this many places before find_run gives up.
    static constexpr std::uint32_t most_tries = 32;

    // Words to provide for numbers 0 … size - 1, size from 1 to most_numbers. About size / 26.
    [[nodiscard]] static constexpr std::size_t words_needed(std::uint32_t size);

    // Every number is taken. `words` holds words_needed(size) words, kept for the life of the bitmap and used by
    // nothing else. O(size / 32), one fill.
    BasicFrameBitmap(std::span<Word> words, std::uint32_t size);
    BasicFrameBitmap(const BasicFrameBitmap&) = delete;
    BasicFrameBitmap& operator=(const BasicFrameBitmap&) = delete;

    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] std::uint32_t free_count() const { return free_count_; }
    // False for numbers outside.
    [[nodiscard]] bool is_free(std::uint32_t number) const;

    // The lowest free number that is not below `from`. At most 7 words.
    [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t from = 0) const;

    // Takes a free number, frees a taken one. False, and nothing changed, if it was not free, not taken, or outside.
    // At most 4 words.
    [[nodiscard]] bool take(std::uint32_t number);
    [[nodiscard]] bool free(std::uint32_t number);

    // Free numbers first + i for each bit i set in `mask`: at least one, all from one word.
    struct Batch {
        std::uint32_t first = 0;
        Word mask = 0;
    };
    // Takes the lowest free number not below `from`, as find() would find it, and all free ones after it in its word.
    // At most 7 words to find, and 18 to take.
    [[nodiscard]] std::optional<Batch> take_batch(std::uint32_t from);

    // Where `count` free numbers in a row start: at a multiple of `alignment` (a power of two), not below `from`, all
    // below `limit`. Found always where an aligned free run of the next power of two from max(count, alignment) lies
    // in that range: at most 7 words. Otherwise most_tries free runs are tried, in ascending order, that contain
    // an aligned quarter of `count`: at most 21 words for each. So a request for an eighth of all numbers or more is
    // always served where it can be; a smaller one may be refused when free runs are many and all too short.
    [[nodiscard]] std::optional<std::uint32_t> find_run(std::uint32_t count, std::uint32_t alignment = 1,
                                                        std::uint32_t from = 0,
                                                        std::uint32_t limit = most_numbers) const;

    // Whether the numbers first … first + count - 1 are all free. At most 7 words.
    [[nodiscard]] bool run_is_free(std::uint32_t first, std::uint32_t count) const;
    // Whether they all exist and are taken. At most 7 words.
    [[nodiscard]] bool run_is_taken(std::uint32_t first, std::uint32_t count) const;

    // Like take() and free() for all numbers of a run, or none. O(count / 32): whole words are filled.
    [[nodiscard]] bool take_run(std::uint32_t first, std::uint32_t count);
    [[nodiscard]] bool free_run(std::uint32_t first, std::uint32_t count);

    // How many aligned runs of 1,024 are free. O(size / 32,768).
    [[nodiscard]] std::uint32_t whole_blocks() const;

    // Word `index` of the bits themselves, for audits of those who use the bitmap.
    [[nodiscard]] Word bits(std::uint32_t index) const { return level_[0][index]; }

    // Checks that every summary agrees with the bits below it. O(size / 32).
    void audit(AuditReport& report) const;

    [[nodiscard]] const Counter& counter() const { return counter_; }

private:
    static constexpr std::uint32_t orders = 5; // per level: runs of 1, 2, 4, 8, 16; a run of 32 is a bit one level up
    struct Tree {
        std::array<Word*, levels - 1> layer{};
    };

    // The lowest layer of a tree over the words of `level` describes them one bit each; the highest is one word.
    [[nodiscard]] static constexpr std::uint32_t layers(std::uint32_t level) { return levels - 1 - level; }
    [[nodiscard]] static constexpr Word bit(std::uint32_t number) { return Word{1} << (number % word_bits); }
    [[nodiscard]] static constexpr Word not_below(std::uint32_t number) { return ~Word{0} << (number % word_bits); }
    [[nodiscard]] static constexpr std::uint32_t lowest(Word word) {
        return static_cast<std::uint32_t>(std::countr_zero(word));
    }
    [[nodiscard]] static constexpr std::uint32_t highest(Word word) {
        return word_bits - 1 - static_cast<std::uint32_t>(std::countl_zero(word));
    }
    [[nodiscard]] static constexpr std::uint32_t words_for(std::uint32_t bits) {
        return (bits + word_bits - 1) / word_bits;
    }
    [[nodiscard]] static constexpr Word aligned_runs(Word word, std::uint32_t order);
    [[nodiscard]] static constexpr std::uint32_t orders_in(Word word);

    Word& touch(Word* words, std::uint32_t index) const {
        counter_.note();
        return words[index];
    }

    void set(const Tree& tree, std::uint32_t level, std::uint32_t number);
    void clear(const Tree& tree, std::uint32_t level, std::uint32_t number);
    void change(const Tree& tree, std::uint32_t level, std::uint32_t number, bool value);
    void change_all(const Tree& tree, std::uint32_t level, std::uint32_t first, std::uint32_t count, bool value);
    void change_word(std::uint32_t level, std::uint32_t index, Word mask, bool value);
    void change_run(std::uint32_t level, std::uint32_t first, std::uint32_t count, bool value);
    void orders_changed(std::uint32_t level, std::uint32_t index, Word before, Word after);

    [[nodiscard]] std::optional<std::uint32_t> find_in(const Tree& tree, std::uint32_t level, std::uint32_t from) const;
    [[nodiscard]] std::optional<std::uint32_t> find_order(std::uint32_t order, std::uint32_t from) const;
    [[nodiscard]] std::optional<std::uint32_t> try_runs(std::uint32_t count, std::uint32_t alignment,
                                                        std::uint32_t from, std::uint32_t limit) const;
    [[nodiscard]] std::uint32_t next_taken(std::uint32_t from) const;
    [[nodiscard]] std::uint32_t run_start(std::uint32_t number) const;
    [[nodiscard]] bool inside(std::uint32_t first, std::uint32_t count) const {
        return count <= size_ && first <= size_ - count;
    }

    void audit_words(AuditReport& report, std::uint32_t level) const;
    void audit_tree(AuditReport& report, std::uint32_t level, std::uint32_t order) const;

    std::array<Word*, levels> level_{};
    std::array<std::uint32_t, levels> words_{}; // of each level
    std::array<std::array<Tree, orders>, levels - 1> trees_{};
    std::uint32_t size_;
    std::uint32_t free_count_ = 0;
    [[no_unique_address]] Counter counter_{};
};

// What the kernel uses.
using FrameBitmap = BasicFrameBitmap<CountNothing>;

// ---- Short functions that must be inlined to be quick. The rest is in frame_bitmap.cpp.

template <class Counter> constexpr std::size_t BasicFrameBitmap<Counter>::words_needed(std::uint32_t size) {
    std::size_t words = 0;
    std::uint32_t bits = size;
    for (std::uint32_t level = 0; level < levels; ++level) {
        bits = words_for(bits);
        // Layer number n of every tree below this level describes words that are as many as the bits of this level.
        words += std::size_t{bits} * (1 + level * orders);
    }
    return words;
}

// Bit i of the result: the 2^order bits from i on are all set, and i is a multiple of 2^order (0 … 5).
template <class Counter>
constexpr typename BasicFrameBitmap<Counter>::Word BasicFrameBitmap<Counter>::aligned_runs(Word word,
                                                                                           std::uint32_t order) {
    constexpr std::array<Word, orders + 1> aligned{0xFFFFFFFF, 0x55555555, 0x11111111,
                                                   0x01010101, 0x00010001, 0x00000001};
    for (std::uint32_t step = 0; step < order; ++step) {
        word &= word >> (1U << step);
    }
    return word & aligned[order];
}

// For how many of the orders 0 … 5 the word has an aligned run. A word that has one of order n has one of every lower
// order. Without a branch: whether a summary changes cannot be predicted, so only the answer is branched on.
template <class Counter> constexpr std::uint32_t BasicFrameBitmap<Counter>::orders_in(Word word) {
    std::uint32_t count = word != 0 ? 1 : 0;
    word &= (word >> 1) & 0x55555555;
    count += word != 0 ? 1 : 0;
    word &= (word >> 2) & 0x11111111;
    count += word != 0 ? 1 : 0;
    word &= (word >> 4) & 0x01010101;
    count += word != 0 ? 1 : 0;
    word &= (word >> 8) & 0x00010001;
    count += word != 0 ? 1 : 0;
    word &= word >> 16;
    return count + word;
}

template <class Counter> inline bool BasicFrameBitmap<Counter>::is_free(std::uint32_t number) const {
    return number < size_ && (touch(level_[0], number / word_bits) & bit(number)) != 0;
}

template <class Counter>
inline void BasicFrameBitmap<Counter>::set(const Tree& tree, std::uint32_t level, std::uint32_t number) {
    for (std::uint32_t layer = 0; layer < layers(level); ++layer, number /= word_bits) {
        Word& word = touch(tree.layer[layer], number / word_bits);
        const Word before = word;
        word = before | bit(number);
        if (before != 0) {
            return;
        }
    }
}

template <class Counter>
inline void BasicFrameBitmap<Counter>::clear(const Tree& tree, std::uint32_t level, std::uint32_t number) {
    for (std::uint32_t layer = 0; layer < layers(level); ++layer, number /= word_bits) {
        Word& word = touch(tree.layer[layer], number / word_bits);
        word &= ~bit(number);
        if (word != 0) {
            return;
        }
    }
}

template <class Counter>
inline std::optional<std::uint32_t> BasicFrameBitmap<Counter>::find_in(const Tree& tree, std::uint32_t level,
                                                                       std::uint32_t from) const {
    // Up, until a layer has something at or after `from` in the same word; then down to the lowest layer.
    for (std::uint32_t layer = 0; layer < layers(level) && from / word_bits < words_[level + 1 + layer]; ++layer) {
        const Word rest = touch(tree.layer[layer], from / word_bits) & not_below(from);
        if (rest != 0) {
            std::uint32_t found = from / word_bits * word_bits + lowest(rest);
            while (layer > 0) {
                --layer;
                found = found * word_bits + lowest(touch(tree.layer[layer], found));
            }
            return found;
        }
        from = from / word_bits + 1;
    }
    return std::nullopt;
}

template <class Counter> inline std::optional<std::uint32_t> BasicFrameBitmap<Counter>::find(std::uint32_t from) const {
    if (from >= size_) {
        return std::nullopt;
    }
    std::uint32_t index = from / word_bits;
    Word rest = touch(level_[0], index) & not_below(from);
    if (rest == 0) {
        const std::optional<std::uint32_t> next = find_in(trees_[0][0], 0, index + 1);
        if (!next) {
            return std::nullopt;
        }
        index = *next;
        rest = touch(level_[0], index);
    }
    return index * word_bits + lowest(rest);
}

template <class Counter> inline bool BasicFrameBitmap<Counter>::take(std::uint32_t number) {
    if (number >= size_) {
        return false;
    }
    const std::uint32_t index = number / word_bits;
    Word& word = touch(level_[0], index);
    const Word before = word;
    if ((before & bit(number)) == 0) {
        return false;
    }
    const Word after = before & ~bit(number);
    word = after;
    --free_count_;
    // Next to a taken neighbour it was part of no run of two or more, so only order 0 can have ended.
    if ((before & bit(number ^ 1U)) != 0) {
        orders_changed(0, index, before, after);
    } else if (after == 0) {
        clear(trees_[0][0], 0, index);
    }
    return true;
}

template <class Counter> inline bool BasicFrameBitmap<Counter>::free(std::uint32_t number) {
    if (number >= size_) {
        return false;
    }
    const std::uint32_t index = number / word_bits;
    Word& word = touch(level_[0], index);
    const Word before = word;
    if ((before & bit(number)) != 0) {
        return false;
    }
    const Word after = before | bit(number);
    word = after;
    ++free_count_;
    if ((before & bit(number ^ 1U)) != 0) {
        orders_changed(0, index, before, after);
    } else if (before == 0) {
        set(trees_[0][0], 0, index);
    }
    return true;
}

extern template class BasicFrameBitmap<CountNothing>;
extern template class BasicFrameBitmap<CountWords>;

} // namespace quire
