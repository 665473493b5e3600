// The pages of one file of the boot archive, for regions to map. A page that lies in one frame of the archive is mapped
// where it is; any other, and a last page with something else behind the file's end, is copied once into a frame of
// its own, which is given back when memory is short and made again when it is missed. So is each page of a file that
// lies on a disk: it is read when it is missed, and pages behind it with it where the file is read in order.
#pragma once

#include "kernel/fs/archive/archive_memory.h"
#include "kernel/lib/list.h"
#include "kernel/memory/memory.h"
#include "kernel/memory/objects/memory_object.h"
#include "kernel/memory/objects/page_cache.h"

#include <cstdint>

namespace quire {

class ArchiveDisk;
class ArchiveNode;

class ArchivePages final : public MemoryObject {
public:
    // For the file's bytes [offset, offset + size) of the archive, which lies on `disk`, or in memory where that is
    // null. Error: out_of_memory. O(1).
    [[nodiscard]] static Result<ArchivePages*> create(Memory& memory, const ArchiveMemory& archive, ArchiveDisk* disk,
                                                      ArchiveNode& node, std::uint32_t offset, std::uint32_t size);
    ArchivePages(Memory& memory, const ArchiveMemory& archive, ArchiveDisk* disk, ArchiveNode& node,
                 std::uint32_t offset, std::uint32_t size); // by create() only

    [[nodiscard]] Result<ObjectPage> page(std::uint32_t index, bool for_write) override;
    [[nodiscard]] bool resident(std::uint32_t index) const override;
    void print_name(Sink& sink) const override;
    [[nodiscard]] ObjectIdentity identity() const override;

    // The same of a file on a disk; its content may be on its way yet. Errors: also must_wait (for room), input_output.
    [[nodiscard]] Result<Frame> stored_page(std::uint32_t index);
    // Pages [first, first + count), which were on their way, cannot be had from the disk.
    void read_failed(std::uint32_t first, std::uint32_t count);

    // Gives back the copies that nothing maps; returns how many. O(copies).
    std::uint32_t give_back_unused() { return copies_.drop_unmapped(); }

    [[nodiscard]] ArchiveNode& node() const { return *node_; }

    ListLink<ArchivePages> link; // of all of an archive that may have copies

private:
    [[nodiscard]] bool in_place(std::uint32_t index) const { return index < first_copied_; }
    [[nodiscard]] Result<void> begin_read(std::uint32_t index);
    void destroy() override;

    static constexpr std::uint32_t none = ~std::uint32_t{0};

    Memory* memory_;
    const ArchiveMemory* archive_;
    ArchiveDisk* disk_; // null: it lies in memory
    ArchiveNode* node_;
    std::uint32_t offset_, size_; // bytes
    std::uint32_t pages_;
    std::uint32_t first_copied_;  // pages below are mapped in place
    PageCache copies_;            // of the others, those that were wanted
    std::uint32_t failed_ = none; // a page that could not be read: who touches it next is told
    bool one_by_one_ = false;     // several pages could not be read at once: perhaps each can be
};

} // namespace quire
