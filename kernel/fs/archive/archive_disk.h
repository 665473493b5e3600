// An archive that lies on a disk: its bytes while its headers are read (ArchiveWindow), and the reads that bring pages
// of its files into memory, several neighbours at a time, for as long as the kernel runs (ArchiveDisk). A file may
// begin anywhere on the disk. Nothing is written there.
#pragma once

#include "kernel/block/block_buffer.h"
#include "kernel/block/block_device.h"
#include "kernel/fs/archive/archive_source.h"
#include "kernel/lib/list.h"
#include "kernel/memory/frames/page_request.h"
#include "kernel/memory/memory.h"
#include "kernel/memory/pager/read_ahead.h"

#include <array>
#include <cstdint>
#include <span>

namespace quire {

class ArchivePages;

// A buffer's worth of the disk at a time, read where a header is not in it.
class ArchiveWindow final : public ArchiveSource {
public:
    static constexpr std::uint32_t window_size = 8 * page_size; // bytes

    // Both must outlive it. What lies above 4 GiB is not seen.
    ArchiveWindow(BlockDevice& device, BlockBuffer& buffer);

    [[nodiscard]] Result<void> copy(std::uint32_t offset, std::span<std::byte> to) const override;

private:
    [[nodiscard]] Result<void> show(std::uint32_t offset) const;

    BlockDevice* device_;
    BlockBuffer* buffer_;
    mutable std::uint32_t first_ = 0, end_ = 0; // bytes of the disk that the buffer has
};

class ArchiveDisk {
public:
    static constexpr std::uint32_t most_pages = 16; // that one read brings
    static constexpr std::uint32_t most_reads = 4;  // at a time

    // For files on `device`, which must outlive it. Error: out_of_memory. O(most_reads).
    [[nodiscard]] static Result<ArchiveDisk*> create(Memory& memory, BlockDevice& device);
    // By create() only.
    ArchiveDisk(Memory& memory, BlockDevice& device) : memory_(&memory), device_(&device) {}
    // No read is under way.
    ~ArchiveDisk();

    // One read, of pages of one file that follow each other.
    class Read final : public BlockRequest {
    public:
        Read() = default;
        ~Read() = default;
        // The next page's frame: it is on its way from now on.
        void add(Pager& pager, Frame frame) {
            pager.begin_stored(pages_[count_], frame);
            frames_[count_++] = frame;
        }
        [[nodiscard]] std::uint32_t count() const { return count_; }

        void completed(Result<void> outcome) override { disk_->completed(*this, outcome.has_value()); }

    private:
        friend class ArchiveDisk;

        ArchiveDisk* disk_ = nullptr;
        ArchivePages* file_ = nullptr;
        std::uint32_t first_page_ = 0, count_ = 0;
        std::uint32_t skew_ = 0;  // bytes from a sector's beginning to the first page's
        std::uint32_t bytes_ = 0; // of the file; the last page's rest is zeros
        std::array<PageRequest, most_pages> pages_;
        std::array<Frame, most_pages + 1> frames_{}; // `spare_` behind the last page's
        Frame spare_{}; // for the sectors that a page which begins within one shares with the next; the disk's own
        ListLink<Read> idle_link_;
    };

    // One that is to be filled; null where all are under way. It is started, or given back.
    [[nodiscard]] Read* take() { return idle_.pop_front(); }
    void give_back(Read& read) { idle_.push_back(read); }
    // Reads `bytes` bytes from `offset` of the archive on, which are those of `file` from its page `first_page` on,
    // into the pages that were added: at least one. The file stays until it is told by ArchivePages::read_failed(), if
    // at all.
    void start(Read& read, ArchivePages& file, std::uint32_t first_page, std::uint32_t offset, std::uint32_t bytes);

    // How many pages to read that begin at `offset`, one of which is touched and missing.
    [[nodiscard]] std::uint32_t pages_to_read(std::uint32_t offset);
    // So many were.
    void pages_are_read(std::uint32_t offset, std::uint32_t pages);

private:
    void completed(Read& read, bool well);
    void put_in_place(const Read& read);

    Memory* memory_;
    BlockDevice* device_;
    ReadAhead read_ahead_;
    ReadAhead::Run* run_ = nullptr; // between pages_to_read() and pages_are_read()
    std::array<Read, most_reads> reads_;
    List<Read, &Read::idle_link_> idle_;
};

} // namespace quire
