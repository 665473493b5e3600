// Making processes known and forgetting them.
#include "kernel/process/process_table.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/heap/object.h"
#include "kernel/process/userland/programs.h"
#include "kernel/torus/torus.h"

#include <algorithm>

namespace quire {

void Process::set_name(std::string_view title) {
    const std::size_t length = std::min(title.size(), name.size() - 1);
    const auto end = std::copy_n(title.begin(), length, name.begin());
    std::fill(end, name.end(), '\0');
}

ProcessTable::ProcessTable(Torus& torus) : torus_(&torus), kernel_(*this), stacks(torus.memory), scheduler(kernel_) {
    kernel_.set_name("kernel");
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
    const Result<Process*> made = make_object<Process>(torus_->memory.heap, *this);
    if (!made) {
        stacks.free(*stack);
        return made;
    }
    Process& process = **made;
    process.id = *id;
    process.kernel_stack_top = *stack;
    last_id_ = *id;
    all_.push_back(process);
    bucket(*id).push_back(process);
    ++count_;
    ++made_;
    return &process;
}

void ProcessTable::remove(Process& process) {
    ensure(&process != &scheduler.current(), "a process is not freed while it runs");
    if (&process == to_bury_) {
        to_bury_ = nullptr; // its parent ends, too, and was quicker
    }
    if (process.parent != nullptr) {
        process.parent->children.erase(process);
    }
    all_.erase(process);
    bucket(process.id).erase(process);
    --count_;
    stacks.free(process.kernel_stack_top);
    destroy_object(torus_->memory.heap, &process);
    if (count_ == 0) {
        give_back_unused();
    }
}

void ProcessTable::give_back_unused() {
    stacks.trim();
    torus_->programs->files().forget_unused();
    torus_->memory.heap.trim();
}

void ProcessTable::remove_later(Process& process) {
    bury();
    ensure(to_bury_ == nullptr, "one process at a time ends");
    to_bury_ = &process;
}

void ProcessTable::bury() {
    if (to_bury_ != nullptr && to_bury_ != &scheduler.current()) {
        remove(*to_bury_);
    }
}

} // namespace quire
