// Waking those who wait.
#include "kernel/sched/wait_queue.h"

#include "kernel/sched/scheduler.h"

namespace quire {

namespace {

void wake_waiter(Waiter& waiter) {
    waiter.woken = true;
    waiter.thread->scheduler->make_ready(*waiter.thread);
}

} // namespace

void WaitQueue::add(Waiter& waiter) {
    waiters_.push_back(waiter);
}

void WaitQueue::remove(Waiter& waiter) {
    if (waiters_.contains(waiter)) {
        waiters_.erase(waiter);
    }
}

std::uint32_t WaitQueue::wake(std::uint32_t most) {
    std::uint32_t woken = 0;
    while (woken < most) {
        Waiter* const waiter = waiters_.pop_front();
        if (waiter == nullptr) {
            break;
        }
        wake_waiter(*waiter);
        ++woken;
    }
    return woken;
}

std::uint32_t WaitQueue::wake_key(std::uint32_t key, std::uint32_t most) {
    std::uint32_t woken = 0;
    for (Waiter* waiter = waiters_.front(); waiter != nullptr && woken < most;) {
        Waiter* const next = List<Waiter, &Waiter::link>::next(*waiter);
        if (waiter->key == key) {
            waiters_.erase(*waiter);
            wake_waiter(*waiter);
            ++woken;
        }
        waiter = next;
    }
    return woken;
}

std::uint32_t WaitQueue::requeue(std::uint32_t key, std::uint32_t most, WaitQueue& other, std::uint32_t other_key) {
    std::uint32_t moved = 0;
    for (Waiter* waiter = waiters_.front(); waiter != nullptr && moved < most;) {
        Waiter* const next = List<Waiter, &Waiter::link>::next(*waiter);
        if (waiter->key == key) {
            waiters_.erase(*waiter);
            waiter->key = other_key;
            other.add(*waiter);
            ++moved;
        }
        waiter = next;
    }
    return moved;
}

} // namespace quire
