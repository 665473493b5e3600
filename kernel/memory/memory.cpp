// The top of memory: its parts joined, and audited together.
#include "kernel/memory/memory.h"

namespace quire {

Memory::Memory(const MemoryMap& memory_map, const MemoryOptions& options, HeapWatcher& watcher)
    : UserMemory(memory_map, options, watcher, spaces), free_at_boot_(frames.free_count()) {
    directory.set_observer(&spaces);
    pager.set_locked_pages(&spaces);
}

Memory::~Memory() {
    directory.set_observer(nullptr);
    pager.set_locked_pages(nullptr);
}

void Memory::audit(AuditReport& report) const {
    audit_kernel(report);
    requests.audit(report);
    pager.audit(report);
    spaces.audit(report, *this);
}

} // namespace quire
