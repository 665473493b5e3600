// Three other ways to manage frames, each as plain and as quick as its idea allows. They keep no owners, count no
// sharers and catch no wrong free: what is measured is the scheme alone.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace quire::bench {

inline constexpr std::uint32_t none = ~std::uint32_t{0};

// A stack of free frame numbers. Nothing is quicker; nothing keeps runs together.
class ArrayStack {
public:
    explicit ArrayStack(std::uint32_t count);
    std::uint32_t allocate();
    void free(std::uint32_t frame);

private:
    std::vector<std::uint32_t> frames_;
    std::uint32_t free_;
};

// One bit a frame, searched from the start, a word at a time: lowest address first.
class WordScan {
public:
    explicit WordScan(std::uint32_t count);
    std::uint32_t allocate();
    void free(std::uint32_t frame);

    // While memory is prepared for a measurement, which would take minutes: remembers from which word on to search.
    // The answers are the same.
    void hurry(bool on) {
        hurrying_ = on;
        start_ = 0;
    }

private:
    std::vector<std::uint32_t> words_; // a bit is set where the frame is free
    std::uint32_t start_ = 0;
    bool hurrying_ = false;
};

// The binary buddy system (Knowlton, 1965) with a doubly linked list of free blocks for each order up to 4 MiB.
class ListBuddy {
public:
    explicit ListBuddy(std::uint32_t count);
    std::uint32_t allocate();
    void free(std::uint32_t frame);

private:
    static constexpr std::uint32_t orders = 11;
    static constexpr std::uint8_t not_a_free_block = 0xFF;
    struct Links {
        std::uint32_t next, previous;
    };

    void push(std::uint32_t block, std::uint32_t order);
    void remove(std::uint32_t block, std::uint32_t order);

    std::vector<Links> links_;
    std::vector<std::uint8_t> order_; // of the free block that starts at the frame
    std::array<std::uint32_t, orders> heads_{};
};

} // namespace quire::bench
