// Where threads wait for an event. Whoever causes the event wakes the queue; it owns no process and decides nothing
// about who runs next.
#pragma once

#include "kernel/lib/list.h"

#include <cstdint>

namespace quire {

struct Thread;

// A thread's place in one queue. It lives on the stack of the waiting thread's system call; one call may have
// several, in several queues (poll).
struct Waiter {
    explicit Waiter(Thread& its_thread) : thread(&its_thread) {}

    Thread* thread;
    std::uint32_t key = 0; // what is waited for, where a queue serves several things (futexes)
    bool woken = false;
    ListLink<Waiter> link;
};

class WaitQueue {
public:
    WaitQueue() = default;
    WaitQueue(const WaitQueue&) = delete;
    WaitQueue& operator=(const WaitQueue&) = delete;

    [[nodiscard]] bool empty() const { return waiters_.empty(); }
    [[nodiscard]] std::size_t count() const { return waiters_.count(); }

    // The waiter stands last in the queue until it is woken or removed.
    void add(Waiter& waiter);
    // Nothing where it has been woken already.
    void remove(Waiter& waiter);

    // Takes up to `most` waiters out, first come first served, and makes their threads ready. Returns how many.
    std::uint32_t wake(std::uint32_t most = ~std::uint32_t{0});
    // The same for those whose key is `key`. O(waiters).
    std::uint32_t wake_key(std::uint32_t key, std::uint32_t most);
    // Moves up to `most` waiters with `key` to `other`, under `other_key`. Returns how many. O(waiters).
    std::uint32_t requeue(std::uint32_t key, std::uint32_t most, WaitQueue& other, std::uint32_t other_key);

private:
    List<Waiter, &Waiter::link> waiters_;
};

} // namespace quire
