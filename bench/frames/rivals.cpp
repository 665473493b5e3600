// The other schemes. Not in the header, so that each is called as a kernel would call it.
#include "bench/frames/rivals.h"

#include <algorithm>
#include <bit>

namespace quire::bench {

// ---- Array stack

ArrayStack::ArrayStack(std::uint32_t count) : frames_(count), free_(count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        frames_[i] = count - 1 - i; // the lowest on top
    }
}

std::uint32_t ArrayStack::allocate() {
    return free_ == 0 ? none : frames_[--free_];
}

void ArrayStack::free(std::uint32_t frame) {
    frames_[free_++] = frame;
}

// ---- Word scan

WordScan::WordScan(std::uint32_t count) : words_((count + 31) / 32, 0) {
    for (std::uint32_t frame = 0; frame < count; ++frame) {
        free(frame);
    }
}

std::uint32_t WordScan::allocate() {
    for (std::uint32_t index = start_; index < words_.size(); ++index) {
        std::uint32_t& word = words_[index];
        if (word != 0) {
            start_ = hurrying_ ? index : 0;
            const auto bit = static_cast<std::uint32_t>(std::countr_zero(word));
            word &= word - 1;
            return index * 32 + bit;
        }
    }
    return none;
}

void WordScan::free(std::uint32_t frame) {
    words_[frame / 32] |= 1U << (frame % 32);
    start_ = std::min(start_, frame / 32);
}

// ---- List buddy

ListBuddy::ListBuddy(std::uint32_t count) : links_(count), order_(count, not_a_free_block) {
    heads_.fill(none);
    constexpr std::uint32_t largest = 1U << (orders - 1);
    for (std::uint32_t block = count / largest * largest; block > 0; block -= largest) {
        push(block - largest, orders - 1); // the lowest comes first
    }
}

void ListBuddy::push(std::uint32_t block, std::uint32_t order) {
    links_[block] = {.next = heads_[order], .previous = none};
    if (heads_[order] != none) {
        links_[heads_[order]].previous = block;
    }
    heads_[order] = block;
    order_[block] = static_cast<std::uint8_t>(order);
}

void ListBuddy::remove(std::uint32_t block, std::uint32_t order) {
    const Links links = links_[block];
    if (links.previous == none) {
        heads_[order] = links.next;
    } else {
        links_[links.previous].next = links.next;
    }
    if (links.next != none) {
        links_[links.next].previous = links.previous;
    }
    order_[block] = not_a_free_block;
}

std::uint32_t ListBuddy::allocate() {
    std::uint32_t order = 0;
    while (order < orders && heads_[order] == none) {
        ++order;
    }
    if (order == orders) {
        return none;
    }
    const std::uint32_t block = heads_[order];
    remove(block, order);
    while (order > 0) {
        --order;
        push(block + (1U << order), order);
    }
    return block;
}

void ListBuddy::free(std::uint32_t frame) {
    std::uint32_t block = frame;
    std::uint32_t order = 0;
    for (; order + 1 < orders; ++order) {
        const std::uint32_t buddy = block ^ (1U << order);
        if (buddy >= order_.size() || order_[buddy] != order) {
            break;
        }
        remove(buddy, order);
        block &= ~(1U << order);
    }
    push(block, order);
}

} // namespace quire::bench
