// Everything about the bitmap that need not be inlined: laying it out, runs, and its audit.
#include "kernel/memory/frames/frame_bitmap.h"

#include <algorithm>

namespace quire {

template <class Counter>
BasicFrameBitmap<Counter>::BasicFrameBitmap(std::span<Word> words, std::uint32_t size) : size_(size) {
    ensure(size > 0 && size <= most_numbers, "a bitmap has 1 to 2^20 numbers");
    ensure(words.size() >= words_needed(size), "a bitmap needs words_needed(size) words");
    std::fill_n(words.data(), words_needed(size), Word{0});

    Word* next = words.data();
    const auto cut = [&next](std::uint32_t count) {
        Word* const piece = next;
        next += count;
        return piece;
    };
    std::uint32_t bits = size;
    for (std::uint32_t level = 0; level < levels; ++level) {
        bits = words_for(bits);
        words_[level] = bits;
        level_[level] = cut(bits);
    }
    for (std::uint32_t level = 0; level + 1 < levels; ++level) {
        for (Tree& tree : trees_[level]) {
            for (std::uint32_t layer = 0; layer < layers(level); ++layer) {
                tree.layer[layer] = cut(words_[level + 1 + layer]);
            }
        }
    }
}

// ---- Changing

template <class Counter>
void BasicFrameBitmap<Counter>::change(const Tree& tree, std::uint32_t level, std::uint32_t number, bool value) {
    if (value) {
        set(tree, level, number);
    } else {
        clear(tree, level, number);
    }
}

// Word `index` of a level went from `before` to `after`: brings the summaries above it up to date.
template <class Counter>
void BasicFrameBitmap<Counter>::orders_changed(std::uint32_t level, std::uint32_t index, Word before, Word after) {
    const std::uint32_t orders_before = orders_in(before);
    const std::uint32_t orders_after = orders_in(after);
    if (orders_before == orders_after || level + 1 == levels) {
        return;
    }
    const bool value = orders_after > orders_before;
    const std::uint32_t end = std::max(orders_before, orders_after);
    for (std::uint32_t order = std::min(orders_before, orders_after); order < end; ++order) {
        if (order < orders) {
            change(trees_[level][order], level, index, value);
        } else {
            change_word(level + 1, index / word_bits, bit(index), value); // the word became or ceased to be whole
        }
    }
}

template <class Counter>
void BasicFrameBitmap<Counter>::change_word(std::uint32_t level, std::uint32_t index, Word mask, bool value) {
    Word& word = touch(level_[level], index);
    const Word before = word;
    const Word after = value ? before | mask : before & ~mask;
    word = after;
    orders_changed(level, index, before, after);
}

// Changes bits [first, first + count) of the tree's lowest layer.
template <class Counter>
void BasicFrameBitmap<Counter>::change_all(const Tree& tree, std::uint32_t level, std::uint32_t first,
                                           std::uint32_t count, bool value) {
    const std::uint32_t end = first + count;
    while (first < end) {
        // All bits of one word but one at once; then that one, which tells the layers above.
        const std::uint32_t index = first / word_bits;
        const std::uint32_t next = std::min(end, (index + 1) * word_bits);
        const Word mask = not_below(first) & (~Word{0} >> ((word_bits - next % word_bits) % word_bits));
        Word& word = touch(tree.layer[0], index);
        const Word rest = mask & ~bit(first);
        if (value) {
            set(tree, level, first);
            word |= rest;
        } else {
            word &= ~rest;
            clear(tree, level, first);
        }
        first = next;
    }
}

// Changes bits [first, first + count) of a level, all of which have the other value.
template <class Counter>
void BasicFrameBitmap<Counter>::change_run(std::uint32_t level, std::uint32_t first, std::uint32_t count, bool value) {
    const std::uint32_t end = first + count;
    const std::uint32_t whole_begin = words_for(first);
    const std::uint32_t whole_end = end / word_bits;
    if (whole_begin > whole_end) { // inside one word
        change_word(level, first / word_bits, not_below(first) & ~not_below(end), value);
        return;
    }
    if (first % word_bits != 0) {
        change_word(level, first / word_bits, not_below(first), value);
    }
    if (whole_begin < whole_end) {
        const std::uint32_t wholes = whole_end - whole_begin;
        for (std::uint32_t index = whole_begin; index < whole_end; ++index) {
            touch(level_[level], index) = value ? ~Word{0} : 0;
        }
        if (level + 1 < levels) {
            for (const Tree& tree : trees_[level]) {
                change_all(tree, level, whole_begin, wholes, value);
            }
            change_run(level + 1, whole_begin, wholes, value);
        }
    }
    if (end % word_bits != 0) {
        change_word(level, whole_end, ~not_below(end), value);
    }
}

template <class Counter>
std::optional<typename BasicFrameBitmap<Counter>::Batch> BasicFrameBitmap<Counter>::take_batch(std::uint32_t from) {
    const std::optional<std::uint32_t> lowest_free = find(from);
    if (!lowest_free) {
        return std::nullopt;
    }
    const std::uint32_t index = *lowest_free / word_bits;
    const Word before = level_[0][index]; // find() has touched it
    const Word after = before & ~not_below(*lowest_free);
    level_[0][index] = after;
    free_count_ -= static_cast<std::uint32_t>(std::popcount(before ^ after));
    orders_changed(0, index, before, after);
    return Batch{index * word_bits, before ^ after};
}

template <class Counter> bool BasicFrameBitmap<Counter>::take_run(std::uint32_t first, std::uint32_t count) {
    if (!run_is_free(first, count)) {
        return false;
    }
    change_run(0, first, count, false);
    free_count_ -= count;
    return true;
}

template <class Counter> bool BasicFrameBitmap<Counter>::free_run(std::uint32_t first, std::uint32_t count) {
    if (!run_is_taken(first, count)) {
        return false;
    }
    change_run(0, first, count, true);
    free_count_ += count;
    return true;
}

// ---- Finding

// The first taken number at or after `from`, or size() where there is none.
template <class Counter> std::uint32_t BasicFrameBitmap<Counter>::next_taken(std::uint32_t from) const {
    for (std::uint32_t level = 0; level < levels && from / word_bits < words_[level]; ++level) {
        const Word rest = ~touch(level_[level], from / word_bits) & not_below(from);
        if (rest != 0) {
            std::uint32_t found = from / word_bits * word_bits + lowest(rest);
            while (level > 0) {
                --level;
                if (found >= words_[level]) { // a summary's bit beyond the end
                    return size_;
                }
                found = found * word_bits + lowest(~touch(level_[level], found));
            }
            return std::min(found, size_);
        }
        from = from / word_bits + 1;
    }
    return size_;
}

// Where the run of free numbers that contains `number` starts: after the last taken number before it.
template <class Counter> std::uint32_t BasicFrameBitmap<Counter>::run_start(std::uint32_t number) const {
    std::uint32_t end = number;
    for (std::uint32_t level = 0; level < levels && end > 0; ++level) {
        const std::uint32_t last = end - 1;
        const Word rest = ~touch(level_[level], last / word_bits) & ~(not_below(last) << 1);
        if (rest != 0) {
            std::uint32_t found = last / word_bits * word_bits + highest(rest);
            while (level > 0) {
                --level;
                found = found * word_bits + highest(~touch(level_[level], found));
            }
            return found + 1;
        }
        end = last / word_bits;
    }
    return 0;
}

template <class Counter> bool BasicFrameBitmap<Counter>::run_is_free(std::uint32_t first, std::uint32_t count) const {
    return inside(first, count) && (count == 0 || next_taken(first) >= first + count);
}

template <class Counter> bool BasicFrameBitmap<Counter>::run_is_taken(std::uint32_t first, std::uint32_t count) const {
    return inside(first, count) && (count == 0 || find(first).value_or(size_) >= first + count);
}

// Where the lowest aligned free run of 2^order numbers starts, at or after `from`.
template <class Counter>
std::optional<std::uint32_t> BasicFrameBitmap<Counter>::find_order(std::uint32_t order, std::uint32_t from) const {
    const std::uint32_t level = order / orders;
    const std::uint32_t in_word = order % orders;
    const std::uint32_t shift = level * orders; // one bit of this level is 2^shift numbers
    if (level >= levels) {
        return std::nullopt;
    }
    const std::uint32_t start = (from + (1U << shift) - 1) >> shift;
    std::uint32_t index = start / word_bits;
    if (index >= words_[level]) {
        return std::nullopt;
    }
    Word runs = aligned_runs(touch(level_[level], index), in_word) & not_below(start);
    if (runs == 0) {
        if (level + 1 == levels) {
            return std::nullopt;
        }
        const std::optional<std::uint32_t> next = find_in(trees_[level][in_word], level, index + 1);
        if (!next) {
            return std::nullopt;
        }
        index = *next;
        runs = aligned_runs(touch(level_[level], index), in_word);
    }
    return (index * word_bits + lowest(runs)) << shift;
}

template <class Counter>
std::optional<std::uint32_t> BasicFrameBitmap<Counter>::find_run(std::uint32_t count, std::uint32_t alignment,
                                                                 std::uint32_t from, std::uint32_t limit) const {
    limit = std::min(limit, size_);
    if (count == 0 || count > limit || from > limit - count || alignment > size_) {
        return std::nullopt;
    }
    const auto order = static_cast<std::uint32_t>(std::bit_width(std::max(count, alignment) - 1));
    const std::optional<std::uint32_t> found = find_order(order, from);
    if (found && *found <= limit - count) {
        return found;
    }
    return try_runs(count, alignment, from, limit);
}

// A run of `count` contains an aligned run of the largest order with 2^(order + 1) - 1 <= count. Tries free runs that
// contain one, in ascending order.
template <class Counter>
std::optional<std::uint32_t> BasicFrameBitmap<Counter>::try_runs(std::uint32_t count, std::uint32_t alignment,
                                                                 std::uint32_t from, std::uint32_t limit) const {
    const auto order = static_cast<std::uint32_t>(std::bit_width(count + 1)) - 2;
    const std::uint32_t lowest_start = from;
    for (std::uint32_t tries = 0; tries < most_tries; ++tries) {
        const std::optional<std::uint32_t> part = find_order(order, from);
        if (!part) {
            return std::nullopt;
        }
        const std::uint32_t begin = std::max(run_start(*part), lowest_start);
        const std::uint32_t end = std::min(next_taken(*part), limit);
        const std::uint32_t start = (begin + alignment - 1) & ~(alignment - 1);
        if (start > limit - count) {
            return std::nullopt;
        }
        if (start + count <= end) {
            return start;
        }
        from = std::max(start, end);
    }
    return std::nullopt;
}

template <class Counter> std::uint32_t BasicFrameBitmap<Counter>::whole_blocks() const {
    std::uint32_t blocks = 0;
    for (std::uint32_t index = 0; index < words_[2]; ++index) {
        blocks += static_cast<std::uint32_t>(std::popcount(touch(level_[2], index)));
    }
    return blocks;
}

// ---- Audit

template <class Counter> void BasicFrameBitmap<Counter>::audit(AuditReport& report) const {
    std::uint32_t free = 0;
    for (std::uint32_t index = 0; index < words_[0]; ++index) {
        free += static_cast<std::uint32_t>(std::popcount(level_[0][index]));
    }
    report.check(free == free_count_, "bitmap: {} bits are set and {} numbers counted free", free, free_count_);
    const Word beyond = size_ % word_bits == 0 ? 0 : level_[0][words_[0] - 1] & not_below(size_);
    report.check(beyond == 0, "bitmap: bits {:#x} beyond the last number are set", beyond);
    for (std::uint32_t level = 0; level + 1 < levels; ++level) {
        audit_words(report, level);
        for (std::uint32_t order = 0; order < orders; ++order) {
            audit_tree(report, level, order);
        }
    }
}

// Each word of a level against its bit in the level above and in the five trees; 32 words are one claim.
template <class Counter> void BasicFrameBitmap<Counter>::audit_words(AuditReport& report, std::uint32_t level) const {
    for (std::uint32_t above = 0; above < words_[level + 1]; ++above) {
        std::array<Word, orders + 1> expected{};
        const std::uint32_t end = std::min((above + 1) * word_bits, words_[level]);
        for (std::uint32_t index = above * word_bits; index < end; ++index) {
            const std::uint32_t present = orders_in(level_[level][index]);
            for (std::uint32_t order = 0; order < present; ++order) {
                expected[order] |= bit(index);
            }
        }
        for (std::uint32_t order = 0; order < orders; ++order) {
            report.check(trees_[level][order].layer[0][above] == expected[order],
                         "bitmap: word {} over level {} tells the runs of order {} below it", above, level, order);
        }
        report.check(level_[level + 1][above] == expected[orders],
                     "bitmap: word {} of level {} tells the whole words below it", above, level + 1);
    }
}

// The layers of one tree against each other.
template <class Counter>
void BasicFrameBitmap<Counter>::audit_tree(AuditReport& report, std::uint32_t level, std::uint32_t order) const {
    const Tree& tree = trees_[level][order];
    for (std::uint32_t layer = 0; layer + 1 < layers(level); ++layer) {
        const std::uint32_t below = words_[level + 1 + layer];
        for (std::uint32_t above = 0; above < words_[level + 2 + layer]; ++above) {
            Word expected = 0;
            for (std::uint32_t index = above * word_bits; index < std::min((above + 1) * word_bits, below); ++index) {
                expected |= tree.layer[layer][index] != 0 ? bit(index) : 0;
            }
            report.check(tree.layer[layer + 1][above] == expected,
                         "bitmap: word {} in layer {} of order {} over level {} tells the words below it", above,
                         layer + 1, order, level);
        }
    }
}

template class BasicFrameBitmap<CountNothing>;
template class BasicFrameBitmap<CountWords>;

} // namespace quire
