// The boot option slow-pages=N: every Nth page that a program touches for the first time is delayed, as if it came from
// a disk: until the next tick while others can run, else until they cannot. All of the kernel's waiting for pages is
// exercised so. It owns the delayed requests and the kernel thread that completes them.
#pragma once

#include "kernel/memory/frames/page_request.h"
#include "kernel/process/process_table.h"

#include <cstdint>

namespace quire {

class SlowPages final : public PageDelay {
public:
    // Every `every`-th page (1: each), from now on. `processes` must outlive it. Panics where there is no memory for
    // the thread's stack.
    SlowPages(ProcessTable& processes, std::uint32_t every);
    // Everything that was delayed comes, and nothing is delayed any more. The scheduler must not run the thread again.
    ~SlowPages();
    SlowPages(const SlowPages&) = delete;
    SlowPages& operator=(const SlowPages&) = delete;

    // PageDelay. Where there is no memory for a request, the page is not delayed.
    bool delays(Frame frame) override;

private:
    struct Delayed : PageRequest {
        ListLink<Delayed> link;
    };

    void complete_all();
    [[noreturn]] void work();

    ProcessTable* processes_;
    Thread thread_;
    WaitQueue begun_; // the thread waits here for something to do
    List<Delayed, &Delayed::link> waiting_;
    std::uint32_t every_;
    std::uint32_t counted_ = 0;
};

} // namespace quire
