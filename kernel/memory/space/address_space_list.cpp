// What holds between address spaces: the same kernel in all of them, and shares that add up.
#include "kernel/memory/space/address_space_list.h"

namespace quire {
namespace {

// A number for each frame, such that the sums of these numbers over two collections of frames are hardly ever equal but
// where the collections are. So shares can be compared with entries without any memory to count in.
std::uint64_t weight(Frame frame) {
    std::uint64_t mixed = (std::uint64_t{frame.number()} + 1) * 0x9E3779B97F4A7C15U;
    mixed ^= mixed >> 29U;
    return mixed * 0xBF58476D1CE4E5B9U;
}

std::uint64_t weight(SwapSlot slot) {
    return weight(Frame(slot.raw()));
}

// Whether a directory older than `space` points to the same table: then that one was counted already. Tables are only
// shared at the same place.
bool seen_before(const AddressSpaceList& spaces, const AddressSpace& space, std::uint32_t index, Pde pde) {
    bool before = true;
    bool seen = false;
    spaces.for_each([&](const AddressSpace& other) {
        before = before && &other != &space;
        if (before) {
            const Pde theirs = other.tables().directory_entry(index);
            seen = seen || (theirs.present() && theirs.frame() == pde.frame());
        }
    });
    return seen;
}

} // namespace

void AddressSpaceList::kernel_mapping_changed(std::uint32_t index, Pde entry) {
    for (AddressSpace* space = spaces_.front(); space != nullptr; space = List::next(*space)) {
        space->set_kernel_entry(index, entry);
    }
}

bool AddressSpaceList::is_locked(Frame table, Page page) const {
    bool locked = false;
    for_each([&](const AddressSpace& space) {
        const Pde pde = space.tables().directory_entry(directory_index(page));
        const bool through_it = space.locked_pages() != 0 && pde.present() && pde.frame() == table;
        const Region* const region = through_it ? space.find(page) : nullptr;
        locked = locked || (region != nullptr && region->traits.locked);
    });
    return locked;
}

FaultTotals AddressSpaceList::faults() const {
    FaultTotals totals = faults_of_ended_;
    for_each([&](const AddressSpace& space) { totals.add(space.faults()); });
    return totals;
}

bool AddressSpaceList::any_locked() const {
    bool any = false;
    for_each([&](const AddressSpace& space) { any = any || space.locked_pages() != 0; });
    return any;
}

void AddressSpaceList::audit(AuditReport& report, const UserMemory& memory) const {
    for_each([&](const AddressSpace& space) { space.audit(report); });
    audit_tables(report, memory);
    audit_frames(report, memory);
}

// Each table has as many shares as directories point to it, and no frame is a table but these.
void AddressSpaceList::audit_tables(AuditReport& report, const UserMemory& memory) const {
    std::uint64_t pointed_to = 0;
    std::uint32_t tables = memory.directory.frames_owned();
    const auto count = [&](Frame frame) {
        pointed_to += weight(frame);
        ++tables;
    };
    for_each([&](const AddressSpace& space) {
        count(space.tables().directory());
        if (const std::optional<Frame> spare = space.tables().spare()) {
            count(*spare);
        }
        for (std::uint32_t index = 0; index < 2 * mirror_table_distance; ++index) {
            const Pde pde = space.tables().directory_entry(index);
            if (pde.present()) {
                pointed_to += weight(pde.frame());
                const bool shared =
                    memory.frames.share_count(pde.frame()) != 1; // few are, so that few are searched for
                tables += shared && seen_before(*this, space, index, pde) ? 0U : 1U;
            }
        }
    });
    memory.directory.for_each_own_frame([&](Frame frame) { pointed_to += weight(frame); });
    std::uint64_t shares = 0;
    std::uint32_t copies = 0; // that sharers may need
    for (Frame frame(0); frame.number() < memory.frames.frame_count(); frame = frame + 1) {
        if (memory.frames.owner(frame) == Owner::page_table) {
            shares += weight(frame) * memory.frames.share_count(frame);
            copies += memory.frames.share_count(frame) - 1;
        }
    }
    const std::uint32_t owned = memory.frames.statistics().of(Owner::page_table);
    report.check(tables == owned, "address spaces: {} frames are page tables, and directories have {}", owned, tables);
    report.check(pointed_to == shares, "address spaces: each table has as many shares as directories point to it");
    report.check(copies == memory.table_copies.left(),
                 "address spaces: {} frames are promised for copies of shared tables, of which there may be {}",
                 memory.table_copies.left(), copies);
}

// Each counted frame of a program has as many shares as entries map it; the page cache that it came from has one more,
// and so has a request that moves its content. Each slot has as many users as entries name it; a frame that it is a
// copy of is one more, and so is a transfer.
void AddressSpaceList::audit_frames(AuditReport& report, const UserMemory& memory) const {
    std::uint64_t mapped = 0, in_slots = 0;
    for_each([&](const AddressSpace& space) {
        for (std::uint32_t index = 0; index < mirror_table_distance; ++index) {
            const Pde pde = space.tables().directory_entry(index);
            if (!pde.present() ||
                (memory.frames.share_count(pde.frame()) != 1 && seen_before(*this, space, index, pde))) {
                continue;
            }
            const Page start = first_page_of(index);
            space.tables().for_each_pte(start, start + entries_per_table, [&](Page, UserPte pte) {
                mapped += pte.has_frame() && memory.frames.is_counted(pte.frame()) ? weight(pte.frame()) : 0;
                in_slots += pte.kind() == UserPteKind::swapped ? weight(pte.slot()) : 0;
            });
        }
    });
    memory.requests.for_each([&](Frame frame) { mapped += memory.frames.is_counted(frame) ? weight(frame) : 0; });
    std::uint64_t shares = 0;
    for (Frame frame(0); frame.number() < memory.frames.frame_count(); frame = frame + 1) {
        const Owner owner = memory.frames.owner(frame);
        const bool stored = owner == Owner::file || owner == Owner::shared;
        if (owner == Owner::anonymous || stored) {
            shares += weight(frame) * (memory.frames.share_count(frame) - (stored ? 1U : 0U));
        }
    }
    report.check(mapped == shares, "address spaces: each frame has as many shares as entries and requests have it");
    memory.pager.for_each_holder([&](SwapSlot slot) { in_slots += weight(slot); });
    std::uint64_t users = 0;
    memory.pager.swap.for_each_slot([&](SwapSlot slot, std::uint32_t count) { users += weight(slot) * count; });
    report.check(in_slots == users,
                 "address spaces: each swap slot has as many users as entries, objects, frames and transfers");
}

} // namespace quire
