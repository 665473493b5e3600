// All address spaces that exist. It keeps the kernel's part of their directories equal to the kernel's own; it owns
// none of them.
#pragma once

#include "kernel/lib/list.h"
#include "kernel/memory/paging/page_directory.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/memory/space/user_memory.h"

namespace quire {

class AddressSpaceList final : public KernelMappingObserver, public SpaceObserver, public LockedPages {
public:
    using List = quire::List<AddressSpace, &AddressSpace::in_memory>;

    // Every directory gets the entry at once. O(spaces).
    void kernel_mapping_changed(std::uint32_t index, Pde entry) override;

    void space_made(AddressSpace& space) override { spaces_.push_back(space); }
    void space_ends(AddressSpace& space) override {
        spaces_.erase(space);
        faults_of_ended_.add(space.faults());
    }
    [[nodiscard]] bool empty() const { return spaces_.empty(); }
    [[nodiscard]] std::size_t count() const { return spaces_.count(); }

    // Calls visit(const AddressSpace&) for each, the oldest first.
    template <class Visitor> void for_each(Visitor&& visit) const {
        for (const AddressSpace* space = spaces_.front(); space != nullptr; space = List::next(*space)) {
            visit(*space);
        }
    }

    // The faults of all spaces there are and were, since boot. O(spaces).
    [[nodiscard]] FaultTotals faults() const;

    // LockedPages. O(spaces).
    [[nodiscard]] bool is_locked(Frame table, Page page) const override;
    [[nodiscard]] bool any_locked() const override;

    // Checks what must hold between spaces: each counted frame has as many shares as entries map it, each table as many
    // as directories point to it. O(all pages of all spaces + frames).
    void audit(AuditReport& report, const UserMemory& memory) const;

private:
    void audit_tables(AuditReport& report, const UserMemory& memory) const;
    void audit_frames(AuditReport& report, const UserMemory& memory) const;

    List spaces_;
    FaultTotals faults_of_ended_; // so that no fault has to be counted twice
};

} // namespace quire
