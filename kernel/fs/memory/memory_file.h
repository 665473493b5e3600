// A regular file of a memory file system. Reads, writes and mappings all see the same frames; a page that was never
// written is a hole and reads as zeros. What lies behind the file's end cannot be reached: SIGBUS.
#pragma once

#include "kernel/fs/memory/memory_inode.h"
#include "kernel/memory/objects/memory_object.h"
#include "kernel/memory/objects/page_cache.h"

namespace quire {

class MemoryFile final : public MemoryInode {
public:
    // A file can have as many pages as a PageCache.
    static constexpr std::uint64_t largest_size = std::uint64_t{PageCache::most_pages} * page_size;

    MemoryFile(MemoryFileSystem& file_system, std::uint32_t number, std::uint32_t permissions);
    ~MemoryFile() = default;

    [[nodiscard]] FileStatus status() override;
    Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<std::uint32_t> write(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<void> truncate(std::uint64_t size) override;
    Result<void> allocate(std::uint32_t how, std::uint64_t offset, std::uint64_t size) override;
    Result<std::uint64_t> find_data(std::uint64_t offset) override;
    Result<std::uint64_t> find_hole(std::uint64_t offset) override;
    [[nodiscard]] bool seekable() const override { return true; }
    [[nodiscard]] std::uint64_t size() override { return size_; }
    void was_mapped() override { was_read(); }
    Result<MemoryObject*> pages() override { return &pages_; }
    [[nodiscard]] std::optional<std::uint32_t> seals() const override { return seals_; }
    Result<void> add_seals(std::uint32_t seals) override;
    [[nodiscard]] bool mappings_may_write() const override;
    // Once, before anybody has it: it can be sealed (MFD_ALLOW_SEALING).
    void allow_seals() { seals_ = 0; }

private:
    // The file as regions see it. Its first reference stands for the inode's own life: the object goes when neither a
    // name nor an open file nor a region is left.
    class Pages final : public MemoryObject {
    public:
        explicit Pages(MemoryFile& file) : file_(&file) {}
        ~Pages() = default;
        [[nodiscard]] Result<ObjectPage> page(std::uint32_t index, bool for_write) override;
        [[nodiscard]] bool resident(std::uint32_t index) const override { return file_->store_.in_memory(index); }
        Result<void> discard(std::uint32_t first, std::uint32_t count) override;
        void will_need(std::uint32_t first, std::uint32_t count) override { file_->store_.will_need(first, count); }
        void print_name(Sink& sink) const override;
        [[nodiscard]] ObjectIdentity identity() const override;

    private:
        void destroy() override { file_->end(); }
        MemoryFile* file_;
    };

    [[nodiscard]] bool sealed(std::uint32_t seals) const { return (seals_ & seals) != 0; }
    [[nodiscard]] Result<void> check_write_seals(std::uint64_t end) const;
    [[nodiscard]] Result<Frame> page_for_writing(std::uint32_t index);
    std::uint32_t read_page(IoBuffer& buffer, std::uint64_t offset, std::uint32_t bytes, Frame frame) const;
    std::uint32_t write_page(IoBuffer& buffer, std::uint64_t offset, std::uint32_t bytes, Frame frame) const;
    void drop_pages(std::uint32_t first, std::uint32_t count, MemoryObject::PrivateCopies copies);
    [[nodiscard]] Result<void> need_page_at(std::uint64_t offset);
    void zero(std::uint64_t from, std::uint64_t to);
    [[nodiscard]] Result<void> grow_to(std::uint64_t offset);
    [[nodiscard]] Result<void> punch_hole(std::uint64_t from, std::uint64_t to);
    [[nodiscard]] Inode* destroy() override;
    void end();

    Pages pages_;
    PageCache store_;
    std::uint64_t size_ = 0; // bytes
    std::uint32_t seals_;    // F_SEAL_…
};

} // namespace quire
