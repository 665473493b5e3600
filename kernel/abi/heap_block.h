// Memory of the kernel heap for as long as one system call needs it.
#pragma once

#include "kernel/torus/kmalloc.h"

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

namespace quire::abi {

// `count` things of type T, with any content; or nothing, where the heap has no room.
template <class T> class HeapBlock {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    HeapBlock() = default;
    explicit HeapBlock(std::size_t count) : memory_(static_cast<T*>(kmalloc(count * sizeof(T)))), count_(count) {}
    HeapBlock(HeapBlock&& other) noexcept
        : memory_(std::exchange(other.memory_, nullptr)), count_(std::exchange(other.count_, 0)) {}
    HeapBlock& operator=(HeapBlock&& other) noexcept {
        std::swap(memory_, other.memory_);
        std::swap(count_, other.count_);
        return *this;
    }
    ~HeapBlock() { kfree(memory_); }

    [[nodiscard]] explicit operator bool() const { return memory_ != nullptr; }
    [[nodiscard]] std::span<T> all() const { return {memory_, memory_ != nullptr ? count_ : 0}; }

private:
    T* memory_ = nullptr;
    std::size_t count_ = 0;
};

} // namespace quire::abi
