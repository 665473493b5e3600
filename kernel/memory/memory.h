// All of a torus's memory, put together: the kernel's own, what address spaces share, and all address spaces there are.
#pragma once

#include "kernel/lib/audit_report.h"
#include "kernel/memory/space/address_space_list.h"
#include "kernel/memory/space/user_memory.h"

#include <cstdint>

namespace quire {

class Memory final : public UserMemory {
public:
    // See KernelMemory.
    Memory(const MemoryMap& map, const MemoryOptions& options, HeapWatcher& watcher);
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    // Proves the books: each part's own, and that the parts agree with each other. Changes nothing.
    void audit(AuditReport& report) const;

    AddressSpaceList spaces;

    // Frames that were free when boot was done.
    [[nodiscard]] std::uint32_t free_at_boot() const { return free_at_boot_; }

private:
    std::uint32_t free_at_boot_;
};

} // namespace quire
