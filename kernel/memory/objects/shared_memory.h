// Memory that several processes share and no file is behind: what mmap makes for MAP_SHARED | MAP_ANONYMOUS. It has a
// size from the beginning, which counts as committed; its pages appear when they are touched.
#pragma once

#include "kernel/memory/objects/page_source.h"
#include "kernel/memory/objects/page_store.h"

#include <cstdint>

namespace quire {

class SharedMemory final : public PageSource {
public:
    // `pages` pages of zeros; the caller has the first reference. Errors: out_of_memory. O(1).
    [[nodiscard]] static Result<SharedMemory*> create(Memory& memory, std::uint32_t pages);

    [[nodiscard]] Result<SourcePage> page(std::uint32_t index, bool for_write) override;
    [[nodiscard]] bool resident(std::uint32_t index) const override { return store_.has(index); }
    Result<void> discard(std::uint32_t first, std::uint32_t count) override;
    void print_name(Sink& sink) const override;
    [[nodiscard]] SourceIdentity identity() const override;

private:
    SharedMemory(Memory& memory, std::uint32_t pages);
    ~SharedMemory() = default;
    void destroy() override;

    Memory* memory_;
    PageStore store_;
    std::uint32_t pages_;
    std::uint32_t number_; // tells it from others
};

} // namespace quire
