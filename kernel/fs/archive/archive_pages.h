// The pages of one file of the boot archive, for regions to map. A page that lies in one frame of the archive is mapped
// where it is; any other, and a last page with something else behind the file's end, is copied once into a frame of
// its own, which is given back when memory is short and made again when it is missed.
#pragma once

#include "kernel/fs/archive/archive_memory.h"
#include "kernel/lib/list.h"
#include "kernel/memory/memory.h"
#include "kernel/memory/objects/memory_object.h"
#include "kernel/memory/objects/page_cache.h"

#include <cstdint>

namespace quire {

class ArchiveNode;

class ArchivePages final : public MemoryObject {
public:
    // For the file's bytes [offset, offset + size) of the archive. Error: out_of_memory. O(1).
    [[nodiscard]] static Result<ArchivePages*> create(Memory& memory, const ArchiveMemory& archive, ArchiveNode& node,
                                                      std::uint32_t offset, std::uint32_t size);
    ArchivePages(Memory& memory, const ArchiveMemory& archive, ArchiveNode& node, std::uint32_t offset,
                 std::uint32_t size); // by create() only

    [[nodiscard]] Result<ObjectPage> page(std::uint32_t index, bool for_write) override;
    [[nodiscard]] bool resident(std::uint32_t index) const override;
    void print_name(Sink& sink) const override;
    [[nodiscard]] ObjectIdentity identity() const override;

    // Gives back the copies that nothing maps; returns how many. O(copies).
    std::uint32_t give_back_unused() { return copies_.drop_unmapped(); }

    [[nodiscard]] ArchiveNode& node() const { return *node_; }

    ListLink<ArchivePages> link; // of all of an archive that may have copies

private:
    [[nodiscard]] bool in_place(std::uint32_t index) const { return index < first_copied_; }
    void destroy() override;

    Memory* memory_;
    const ArchiveMemory* archive_;
    ArchiveNode* node_;
    std::uint32_t offset_, size_; // bytes
    std::uint32_t pages_;
    std::uint32_t first_copied_; // pages below are mapped in place
    PageCache copies_;           // of the others, those that were wanted
};

} // namespace quire
