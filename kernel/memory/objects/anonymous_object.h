// Memory that several processes share and no file is behind: what mmap makes for MAP_SHARED | MAP_ANONYMOUS. It has a
// size from the beginning, which counts as committed; its pages appear when they are touched.
#pragma once

#include "kernel/memory/objects/commit_account.h"
#include "kernel/memory/objects/memory_object.h"
#include "kernel/memory/objects/page_cache.h"

#include <cstdint>

namespace quire {

class AnonymousObject final : public MemoryObject {
public:
    // `pages` pages of zeros, which count against `commit`; `number` tells it from others. The caller has the first
    // reference. Errors: out_of_memory. O(1).
    [[nodiscard]] static Result<AnonymousObject*> create(KernelMemory& memory, Pager& pager, CommitAccount& commit,
                                                         std::uint32_t number, std::uint32_t pages);
    // For create(), which has counted the pages, and destroy().
    AnonymousObject(KernelMemory& memory, Pager& pager, CommitAccount& commit, std::uint32_t number,
                    std::uint32_t pages);
    ~AnonymousObject() = default;

    [[nodiscard]] Result<ObjectPage> page(std::uint32_t index, bool for_write) override;
    [[nodiscard]] bool resident(std::uint32_t index) const override { return pages_there_.in_memory(index); }
    Result<void> discard(std::uint32_t first, std::uint32_t count) override;
    void will_need(std::uint32_t first, std::uint32_t count) override { pages_there_.will_need(first, count); }
    void print_name(Sink& sink) const override;
    [[nodiscard]] ObjectIdentity identity() const override;

private:
    void destroy() override;

    KernelMemory* memory_;
    CommitAccount* commit_;
    PageCache pages_there_;
    std::uint32_t pages_;
    std::uint32_t number_;
};

} // namespace quire
