// A vector of at most N elements, stored in place. It never allocates; push_back tells when it is full.
#pragma once

#include <array>
#include <cstddef>

namespace quire {

template <class T, std::size_t N> class StaticVector {
public:
    // False when full, and then nothing has changed.
    [[nodiscard]] constexpr bool push_back(const T& value) {
        if (size_ == N) {
            return false;
        }
        items_[size_++] = value;
        return true;
    }
    // Makes room at `index` by moving what follows one up. False when full, and then nothing has changed.
    [[nodiscard]] constexpr bool insert(std::size_t index, const T& value) {
        if (size_ == N) {
            return false;
        }
        for (std::size_t at = size_; at > index; --at) {
            items_[at] = items_[at - 1];
        }
        items_[index] = value;
        ++size_;
        return true;
    }
    constexpr void erase(std::size_t index) {
        for (std::size_t at = index + 1; at < size_; ++at) {
            items_[at - 1] = items_[at];
        }
        --size_;
    }
    constexpr void clear() { size_ = 0; }

    [[nodiscard]] constexpr std::size_t size() const { return size_; }
    [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
    [[nodiscard]] static constexpr std::size_t capacity() { return N; }
    constexpr T& operator[](std::size_t index) { return items_[index]; }
    constexpr const T& operator[](std::size_t index) const { return items_[index]; }
    constexpr T* begin() { return items_.data(); }
    constexpr T* end() { return items_.data() + size_; }
    constexpr const T* begin() const { return items_.data(); }
    constexpr const T* end() const { return items_.data() + size_; }

private:
    std::array<T, N> items_{};
    std::size_t size_ = 0;
};

} // namespace quire
