// A doubly linked list through links inside its items: nothing is allocated, and an item leaves in O(1) without a
// search. The list owns none of its items; an item is in at most one list by the same link.
#pragma once

#include <cstddef>

namespace quire {

template <class T> struct ListLink {
    T* next = nullptr;
    T* previous = nullptr;
};

template <class T, ListLink<T> T::*link> class List {
public:
    [[nodiscard]] bool empty() const { return first_ == nullptr; }
    [[nodiscard]] T* front() const { return first_; }
    [[nodiscard]] T* back() const { return last_; }
    [[nodiscard]] static T* next(const T& item) { return (item.*link).next; }
    [[nodiscard]] static T* previous(const T& item) { return (item.*link).previous; }

    // Whether `item` is in this list; it must be in this one or in none. O(1).
    [[nodiscard]] bool contains(const T& item) const {
        return (item.*link).next != nullptr || (item.*link).previous != nullptr || first_ == &item;
    }
    [[nodiscard]] std::size_t count() const {
        std::size_t items = 0;
        for (T* item = first_; item != nullptr; item = next(*item)) {
            ++items;
        }
        return items;
    }

    void push_back(T& item) { insert_before(item, nullptr); }
    void push_front(T& item) { insert_before(item, first_); }
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdangling-pointer" // waiters on a stack are taken out by those who wake them
#endif
    // Puts `item` before `where`, or last where that is null.
    void insert_before(T& item, T* where) {
        T* const before = where != nullptr ? (where->*link).previous : last_;
        (item.*link) = {.next = where, .previous = before};
        (before != nullptr ? (before->*link).next : first_) = &item;
        (where != nullptr ? (where->*link).previous : last_) = &item;
    }
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
    void erase(T& item) {
        ListLink<T>& its = item.*link;
        (its.previous != nullptr ? (its.previous->*link).next : first_) = its.next;
        (its.next != nullptr ? (its.next->*link).previous : last_) = its.previous;
        its = {};
    }
    // The first item, taken out; null where there is none.
    T* pop_front() {
        T* const item = first_;
        if (item != nullptr) {
            erase(*item);
        }
        return item;
    }

private:
    T* first_ = nullptr;
    T* last_ = nullptr;
};

} // namespace quire
