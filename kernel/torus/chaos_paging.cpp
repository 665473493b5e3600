// Pages put out at the worst of times.
#include "kernel/torus/chaos_paging.h"

#include "kernel/memory/memory.h"

#include <algorithm>

namespace quire {

ChaosPaging::ChaosPaging(Userland& userland) : userland_(&userland) {
    machine::watch_copies(this);
    userland.processes.scheduler.set_safe_point_work(*this);
}

ChaosPaging::~ChaosPaging() {
    machine::watch_copies(nullptr);
    userland_->processes.scheduler.set_safe_point_work(*userland_);
}

// What the copy finds out it must wait for, and that is pinned until the copy was made.
void ChaosPaging::before_copy(VirtAddr start, std::size_t bytes) {
    const Process& process = userland_->processes.current();
    Pager& pager = userland_->processes.memory().pager;
    if (!pager.is_paging() || !process.space || bytes == 0) {
        return;
    }
    const Page last = Page::containing(start + static_cast<std::uint32_t>(bytes - 1));
    const Page first = Page::containing(start);
    const std::uint32_t pages = std::min(last - first + 1, most_pages);
    for (Page page = first; page < first + pages; page = page + 1) {
        if (const UserPte pte = process.space->tables().pte(page); pte.has_content()) {
            pager.evict(pte.frame()); // some stay
        }
    }
    put_out_any();
}

bool ChaosPaging::at_safe_point(bool tick) {
    put_out_any();
    return userland_->at_safe_point(tick);
}

// Each process keeps what one instruction of it needs: with less than that for all, they would take each other's pages
// away for ever.
void ChaosPaging::put_out_any() {
    const ProcessTable& processes = userland_->processes;
    Pager& pager = processes.memory().pager;
    if (pager.is_paging() && pager.pages_in_memory() > Pager::least_resident * processes.count()) {
        pager.put_out_one(); // there may be none that can go
    }
}

} // namespace quire
