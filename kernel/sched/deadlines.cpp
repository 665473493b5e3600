// Each thread stands above those whose time comes later: its first child, and that one's siblings in a list.
#include "kernel/sched/deadlines.h"

#include <utility>

namespace quire {

// The two heaps as one. Where the times are equal, `one` stays above. O(1).
Thread* Deadlines::meld(Thread* one, Thread* other) {
    if (one == nullptr || other == nullptr) {
        return one != nullptr ? one : other;
    }
    if (other->deadline < one->deadline) {
        std::swap(one, other);
    }
    other->later.before = one;
    other->later.next = one->later.first;
    if (one->later.first != nullptr) {
        one->later.first->later.before = other;
    }
    one->later.first = other;
    return one;
}

// All siblings from `first` on as one heap: two by two from the left, then each with the one to its left.
Thread* Deadlines::meld_siblings(Thread* first) {
    Thread* pairs = nullptr; // linked by `next`, the last pair first
    while (first != nullptr) {
        Thread* const second = std::exchange(first->later.next, nullptr);
        Thread* const rest = second != nullptr ? std::exchange(second->later.next, nullptr) : nullptr;
        Thread* const pair = meld(first, second);
        pair->later.next = std::exchange(pairs, pair);
        first = rest;
    }
    Thread* all = nullptr;
    while (pairs != nullptr) {
        Thread* const rest = std::exchange(pairs->later.next, nullptr);
        all = meld(pairs, all);
        pairs = rest;
    }
    return all;
}

void Deadlines::add(Thread& thread, std::uint64_t deadline) {
    thread.deadline = deadline;
    thread.later = {};
    first_ = meld(first_, &thread);
    ++count_;
}

void Deadlines::remove(Thread& thread) {
    Thread* const below = meld_siblings(thread.later.first);
    if (&thread == first_) {
        first_ = below;
    } else {
        Thread& before = *thread.later.before;
        (before.later.first == &thread ? before.later.first : before.later.next) = thread.later.next;
        if (thread.later.next != nullptr) {
            thread.later.next->later.before = &before;
        }
        first_ = meld(first_, below);
    }
    if (first_ != nullptr) {
        first_->later.before = nullptr;
    }
    --count_;
    thread.deadline = 0;
}

// The thread above this one; null: it is the first of all.
const Thread* Deadlines::above(const Thread& thread) {
    const Thread* each = &thread;
    while (each->later.before != nullptr && each->later.before->later.first != each) {
        each = each->later.before;
    }
    return each->later.before;
}

// The next of all: its first child, else its next sibling, else that of the nearest thread above that has one. Siblings
// are gone back over once, at the last of them: O(1) for each, taken together.
const Thread* Deadlines::following(const Thread& thread) {
    if (thread.later.first != nullptr) {
        return thread.later.first;
    }
    const Thread* each = &thread;
    while (each != nullptr && each->later.next == nullptr) {
        each = above(*each);
    }
    return each != nullptr ? each->later.next : nullptr;
}

bool Deadlines::in_order() const {
    std::size_t seen = 0;
    bool sorted = true;
    for (const Thread* each = first_; each != nullptr; each = following(*each)) {
        sorted = sorted && each->deadline != 0;
        for (const Thread* child = each->later.first; child != nullptr; child = child->later.next) {
            sorted = sorted && each->deadline <= child->deadline;
        }
        ++seen;
    }
    return sorted && seen == count_;
}

} // namespace quire
