// Where a cpio archive's bytes are, for who reads its headers: memory (archive_memory.h), or a disk (archive_disk.h).
#pragma once

#include "kernel/lib/result.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace quire {

class ArchiveSource {
public:
    // Bytes, of which what lies behind the archive may be some.
    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] bool contains(std::uint32_t offset, std::uint32_t bytes) const {
        return offset <= size_ && bytes <= size_ - offset;
    }
    // Copies bytes, which must be there. From a disk, it waits. Errors: those of BlockBuffer::read().
    [[nodiscard]] virtual Result<void> copy(std::uint32_t offset, std::span<std::byte> to) const = 0;
    // Whether what lies behind the trailer is no archive, whatever it looks like.
    [[nodiscard]] bool ends_at_trailer() const { return ends_at_trailer_; }

protected:
    ArchiveSource(std::uint32_t size, bool ends_at_trailer) : size_(size), ends_at_trailer_(ends_at_trailer) {}
    ~ArchiveSource() = default;

private:
    std::uint32_t size_;
    bool ends_at_trailer_;
};

} // namespace quire
