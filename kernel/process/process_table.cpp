// Making processes known and forgetting them.
#include "kernel/process/process_table.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/memory.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace quire {

// Where programs run, and not on a host.
static_assert(sizeof(void*) != sizeof(std::uint32_t) || sizeof(Process) <= page_size,
              "a process takes no more than a page of the heap");

namespace {

std::byte* idle_stack(KernelStacks& stacks) {
    const Result<std::byte*> stack = stacks.allocate();
    ensure(stack.has_value(), "there is memory for the idle thread's stack");
    return *stack;
}

} // namespace

ProcessTable::ProcessTable(Memory& memory, Userland& userland)
    : memory_(&memory), userland_(&userland), kernel_(*this, scheduler, nullptr),
      stacks(memory.frames, memory.directory, memory.tlb), scheduler(kernel_.thread, kernel_, idle_stack(stacks)) {
    kernel_.set_name("kernel");
}

// The kernel runs as long as the machine does; a test may end it.
ProcessTable::~ProcessTable() {
    must_succeed(memory_->heap.free(spare_));
    stacks.free(scheduler.idle_stack());
}

Process* ProcessTable::find(std::uint32_t id) const {
    const Bucket& bucket = buckets_[id % bucket_count];
    for (Process* each = bucket.front(); each != nullptr; each = Bucket::next(*each)) {
        if (each->id == id) {
            return each;
        }
    }
    return nullptr;
}

bool ProcessTable::group_exists(std::uint32_t group) const {
    bool found = false;
    for_each([&](const Process& each) { found = found || each.group == group || each.session == group; });
    return found;
}

// Ids go round, so that one that has ended is not soon mistaken for another. A group or session keeps its id from use
// as long as it has members.
Result<std::uint32_t> ProcessTable::next_free_id() {
    for (std::uint32_t tried = 1; tried < most_ids; ++tried) {
        const std::uint32_t id = (last_id_ + tried) % most_ids;
        const bool wrapped = made_ >= most_ids;
        if (id != 0 && find(id) == nullptr && !(wrapped && group_exists(id))) {
            return id;
        }
    }
    return fail(Error::would_block);
}

Result<void*> ProcessTable::room_for_process() {
    return spare_ != nullptr ? std::exchange(spare_, nullptr) : memory_->heap.allocate(sizeof(Process));
}

Result<Process*> ProcessTable::make() {
    if (count_ >= most_processes) {
        return fail(Error::would_block);
    }
    const Result<std::uint32_t> id = next_free_id();
    if (!id) {
        return fail(id.error());
    }
    const Result<std::byte*> stack = stacks.allocate();
    if (!stack) {
        return fail(stack.error());
    }
    const Result<void*> room = room_for_process();
    if (!room) {
        stacks.free(*stack);
        return fail(room.error());
    }
    Process& process = *::new (*room) Process(*this, scheduler, *stack);
    process.id = *id;
    last_id_ = *id;
    all_.push_back(process);
    bucket(*id).push_back(process);
    ++count_;
    ++made_;
    return &process;
}

void ProcessTable::remove(Process& process) {
    ensure(&process != &current(), "a process is not freed while it runs");
    if (&process == to_reap_) {
        to_reap_ = nullptr; // its parent ends, too, and was quicker
    }
    if (process.parent != nullptr) {
        process.parent->children.erase(process);
    }
    all_.erase(process);
    bucket(process.id).erase(process);
    --count_;
    stacks.free(process.thread.kernel_stack_top);
    std::destroy_at(&process);
    must_succeed(memory_->heap.free(std::exchange(spare_, &process)));
    if (count_ == 0) {
        give_back_unused();
    }
}

void ProcessTable::give_back_unused() {
    stacks.trim();
    must_succeed(memory_->heap.free(std::exchange(spare_, nullptr)));
    if (caches != nullptr) {
        caches->forget_unused();
    }
    memory_->heap.trim();
}

void ProcessTable::remove_later(Process& process) {
    reap();
    ensure(to_reap_ == nullptr, "one process at a time ends");
    to_reap_ = &process;
}

void ProcessTable::reap() {
    if (to_reap_ != nullptr && to_reap_ != &current()) {
        remove(*to_reap_);
    }
}

} // namespace quire
