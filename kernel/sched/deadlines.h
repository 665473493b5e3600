// Threads that wait for a time, soonest first: a pairing heap (Fredman, Sedgewick, Sleator, Tarjan, "The Pairing Heap:
// A New Form of Self-Adjusting Heap", 1986). It owns none of them; a thread is in it while its deadline is not 0.
#pragma once

#include "kernel/sched/thread.h"

#include <cstddef>
#include <cstdint>

namespace quire {

class Deadlines {
public:
    // The thread waits until then. It is not in here. O(1).
    void add(Thread& thread, std::uint64_t deadline);
    // It waits for a time no longer. O(log n) amortized.
    void remove(Thread& thread);
    // The one whose time comes first; null: nobody waits for a time. O(1).
    [[nodiscard]] Thread* first() const { return first_; }
    [[nodiscard]] std::size_t count() const { return count_; }

    // Whether nobody's time comes before that of the thread above it, and as many are in here as were counted. O(n).
    [[nodiscard]] bool in_order() const;

private:
    static Thread* meld(Thread* one, Thread* other);
    static Thread* meld_siblings(Thread* first);
    static const Thread* above(const Thread& thread);
    static const Thread* following(const Thread& thread);

    Thread* first_ = nullptr;
    std::size_t count_ = 0;
};

} // namespace quire
