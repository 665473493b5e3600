// The boot archive's bytes, where the loader put them: contiguous physical memory, which may lie above the direct map.
// It owns nothing; the frames are the loader's (Owner::module) and stay for as long as the kernel runs.
#pragma once

#include "kernel/fs/archive/archive_source.h"
#include "kernel/machine/address.h"
#include "kernel/memory/paging/physical_memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace quire {

// Where an archive lies in physical memory, bytes.
struct ArchiveExtent {
    PhysAddr start;
    std::uint32_t size = 0;
};

class ArchiveMemory final : public ArchiveSource {
public:
    // Nothing of `extent` may lie above 4 GiB.
    ArchiveMemory(PhysicalMemory& physical, ArchiveExtent extent)
        : ArchiveSource(extent.size, false), physical_(&physical), start_(extent.start) {}

    [[nodiscard]] PhysAddr address(std::uint32_t offset) const { return start_ + offset; }

    // Calls visit(std::span<const std::byte>) for the bytes [offset, offset + bytes), a page's worth at most at a time,
    // as long as it returns true. The bytes must be in the archive.
    template <class Visitor> void visit(std::uint32_t offset, std::uint32_t bytes, Visitor&& visit) const {
        while (bytes != 0) {
            const PhysAddr from = address(offset);
            const std::uint32_t part = std::min(bytes, page_size - from.offset_in_page());
            const TemporaryMapping mapping = physical_->map_temporarily(Frame::containing(from));
            if (!visit(std::span<const std::byte>(mapping.data() + from.offset_in_page(), part))) {
                return;
            }
            offset += part;
            bytes -= part;
        }
    }
    // Copies bytes, which must be in the archive.
    void read(std::uint32_t offset, std::span<std::byte> to) const {
        std::byte* next = to.data();
        visit(offset, static_cast<std::uint32_t>(to.size()), [&](std::span<const std::byte> part) {
            std::memcpy(next, part.data(), part.size());
            next += part.size();
            return true;
        });
    }
    [[nodiscard]] Result<void> copy(std::uint32_t offset, std::span<std::byte> to) const override {
        read(offset, to);
        return {};
    }

private:
    PhysicalMemory* physical_;
    PhysAddr start_;
};

} // namespace quire
