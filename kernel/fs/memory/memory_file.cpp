// Content of files in memory. Only pages below the file's end are ever mapped; in the last one, what lies behind the
// end is made zero whenever the file grows over it, for a mapping may have left something there.
#include "kernel/fs/memory/memory_file.h"

#include "kernel/fs/memory/memory_file_system.h"
#include "kernel/fs/vfs/file.h"
#include "kernel/fs/vfs/path_text.h"
#include "kernel/memory/heap/object.h"
#include "kernel/memory/memory.h"
#include "kernel/sched/no_waiting.h"

#include <algorithm>
#include <cstring>
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include <optional>

namespace quire {

namespace {

constexpr std::uint32_t write_seals = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
constexpr std::uint32_t all_seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | write_seals;

std::uint32_t page_of(std::uint64_t offset) {
    return static_cast<std::uint32_t>(offset >> page_shift);
}
std::uint32_t offset_in_page(std::uint64_t offset) {
    return static_cast<std::uint32_t>(offset) % page_size;
}
// The bytes from `offset` to the end of its page, `bytes` at most.
std::uint32_t part_in_page(std::uint64_t offset, std::uint64_t bytes) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, page_size - offset_in_page(offset)));
}

} // namespace

MemoryFile::MemoryFile(MemoryFileSystem& file_system, std::uint32_t number, std::uint32_t permissions)
    : MemoryInode(file_system, number, mode::regular | permissions), pages_(*this),
      store_(file_system.memory, file_system.memory.pager, pages_, Owner::shared), seals_(F_SEAL_SEAL) {}

FileStatus MemoryFile::status() {
    FileStatus status = MemoryInode::status();
    status.blocks = std::uint64_t{store_.page_count()} * (page_size / 512);
    return status;
}

Result<std::uint32_t> MemoryFile::read(File& file, IoBuffer& buffer, std::uint64_t offset) {
    if (file.notes_reading()) {
        was_read();
    }
    const NoWaiting guard; // a page that is mapped, or written halfway, is nobody else's to drop
    std::uint32_t moved = 0;
    while (offset < size_ && buffer.left() != 0 && !buffer.failed()) {
        const std::uint32_t part = part_in_page(offset, std::min<std::uint64_t>(size_ - offset, buffer.left()));
        std::uint32_t done = 0;
        if (store_.has(page_of(offset))) {
            const Result<Frame> frame = file_system().content(store_.get(page_of(offset)));
            if (!frame) {
                return file_system().stopped(buffer, frame.error(), moved);
            }
            done = read_page(buffer, offset, part, *frame);
        } else {
            done = buffer.put_zeros(part);
        }
        moved += done;
        offset += done;
    }
    return buffer.outcome(moved);
}

std::uint32_t MemoryFile::read_page(IoBuffer& buffer, std::uint64_t offset, std::uint32_t bytes, Frame frame) const {
    const HeldPage held(file_system().memory.pinned, frame); // a fault in the program's memory may want some
    const TemporaryMapping mapping = file_system().memory.physical.map_temporarily(frame);
    return buffer.put({mapping.data() + offset_in_page(offset), bytes});
}

Result<std::uint32_t> MemoryFile::write(File& file, IoBuffer& buffer, std::uint64_t offset) {
    if (buffer.left() == 0) {
        return 0U;
    }
    if (const Result<void> allowed = file.limit_write(buffer, offset); !allowed) {
        return fail(allowed.error());
    }
    if (offset >= largest_size) {
        return fail(Error::too_big_file);
    }
    if (const Result<void> grown = grow_to(offset); !grown) {
        return file_system().stopped(buffer, grown.error(), 0);
    }
    const NoWaiting guard;
    std::uint32_t moved = 0;
    std::optional<Error> stop;
    while (buffer.left() != 0 && !buffer.failed() && offset < largest_size) {
        const std::uint32_t part = part_in_page(offset, buffer.left());
        const Result<void> allowed = check_write_seals(offset + part);
        const Result<Frame> frame =
            allowed ? file_system().content(page_for_writing(page_of(offset))) : fail(allowed.error());
        if (!frame) {
            stop = frame.error();
            break;
        }
        const std::uint32_t done = write_page(buffer, offset, part, *frame);
        moved += done;
        offset += done;
        size_ = moved != 0 ? std::max(size_, offset) : size_;
    }
    if (moved != 0) {
        was_modified();
    }
    return stop ? file_system().stopped(buffer, *stop, moved) : buffer.outcome(moved);
}

// The page's frame, made if need be and counted against the file system's size.
Result<Frame> MemoryFile::page_for_writing(std::uint32_t index) {
    if (store_.has(index)) {
        return store_.get(index);
    }
    if (const Result<void> charged = home().charge_page(); !charged) {
        return fail(charged.error());
    }
    const Result<Frame> frame = store_.get(index);
    if (!frame) {
        home().discharge_pages(1);
    }
    return frame;
}

std::uint32_t MemoryFile::write_page(IoBuffer& buffer, std::uint64_t offset, std::uint32_t bytes, Frame frame) const {
    const HeldPage held(file_system().memory.pinned, frame);
    file_system().memory.pager.will_write(frame);
    const TemporaryMapping mapping = file_system().memory.physical.map_temporarily(frame);
    return buffer.take({mapping.data() + offset_in_page(offset), bytes});
}

// The page that `offset` lies in the middle of, if there is one, is in memory afterwards. Errors: must_wait, and those
// of bringing it back.
Result<void> MemoryFile::need_page_at(std::uint64_t offset) {
    if (offset_in_page(offset) == 0 || !store_.has(page_of(offset))) {
        return {};
    }
    const Result<Frame> frame = file_system().content(store_.get(page_of(offset)));
    return frame ? Result<void>() : fail(frame.error());
}

// What lies between the file's end and `offset`, in the last page, becomes zero: the file is about to grow over it.
Result<void> MemoryFile::grow_to(std::uint64_t offset) {
    if (offset > size_) {
        if (const Result<void> there = need_page_at(size_); !there) {
            return there;
        }
        zero(size_, size_ + part_in_page(size_, offset - size_));
    }
    return {};
}

// Bytes [from, to) of one page, which need_page_at() was called for, or which are all of it. A page that is not there
// is zero already.
void MemoryFile::zero(std::uint64_t from, std::uint64_t to) {
    if (from < to && store_.has(page_of(from))) {
        const Result<Frame> frame = store_.get(page_of(from));
        ensure(frame.has_value(), "a page that is made zero in part is in memory");
        file_system().memory.pager.will_write(*frame);
        const TemporaryMapping mapping = file_system().memory.physical.map_temporarily(*frame);
        std::memset(mapping.data() + offset_in_page(from), 0, static_cast<std::size_t>(to - from));
    }
}

void MemoryFile::drop_pages(std::uint32_t first, std::uint32_t count, MemoryObject::PrivateCopies copies) {
    if (count == 0) {
        return;
    }
    pages_.unmap_pages(first, count, copies);
    const std::uint32_t before = store_.page_count();
    store_.drop(first, count);
    home().discharge_pages(before - store_.page_count());
}

Result<void> MemoryFile::truncate(std::uint64_t size) {
    if (size > largest_size) {
        return fail(Error::too_big_file);
    }
    if ((size < size_ && sealed(F_SEAL_SHRINK)) || (size > size_ && sealed(F_SEAL_GROW))) {
        return fail(Error::not_permitted);
    }
    if (size < size_) {
        if (const Result<void> there = need_page_at(size); !there) {
            return there;
        }
        const std::uint32_t kept = pages_for(size);
        size_ = size;
        drop_pages(kept, PageCache::most_pages - kept, MemoryObject::PrivateCopies::go);
        zero(size, size + part_in_page(size, page_size));
    } else {
        if (const Result<void> grown = grow_to(size); !grown) {
            return grown;
        }
        size_ = size;
    }
    was_modified();
    return {};
}

Result<void> MemoryFile::allocate(std::uint32_t how, std::uint64_t offset, std::uint64_t size) {
    const std::uint64_t end = offset + size;
    if (end > largest_size) {
        return fail(Error::too_big_file);
    }
    const bool keeps_size = (how & FALLOC_FL_KEEP_SIZE) != 0;
    if (how == (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)) {
        if (sealed(write_seals)) {
            return fail(Error::not_permitted);
        }
        return punch_hole(offset, end);
    }
    if ((how & ~std::uint32_t{FALLOC_FL_KEEP_SIZE}) != 0) {
        return fail(Error::not_supported);
    }
    if (end > size_ && sealed(F_SEAL_GROW)) {
        return fail(Error::not_permitted);
    }
    const bool grows = !keeps_size && end > size_;
    if (const Result<void> grown = grows ? grow_to(end) : Result<void>(); !grown) {
        return grown;
    }
    for (std::uint32_t index = page_of(offset); index < pages_for(end); ++index) {
        if (const Result<Frame> frame = page_for_writing(index); !frame) {
            return fail(frame.error()); // what was reserved stays, as in Linux's other file systems
        }
    }
    size_ = grows ? end : size_;
    was_changed();
    return {};
}

Result<void> MemoryFile::punch_hole(std::uint64_t from, std::uint64_t to) {
    for (const std::uint64_t end : {from, to}) {
        if (const Result<void> there = need_page_at(end); !there) {
            return there;
        }
    }
    const std::uint32_t first = pages_for(from);
    const std::uint32_t last = page_of(to);
    if (first > last) { // within one page
        zero(from, to);
    } else {
        zero(from, from + part_in_page(from, page_size) % page_size);
        drop_pages(first, last - first, MemoryObject::PrivateCopies::stay);
        zero(to - offset_in_page(to), to);
    }
    was_modified();
    return {};
}

Result<std::uint64_t> MemoryFile::find_data(std::uint64_t offset) {
    const auto found = store_.next(page_of(offset));
    const std::uint64_t start = found ? std::uint64_t{*found} * page_size : size_;
    return start < size_ ? Result<std::uint64_t>(std::max(offset, start)) : fail(Error::no_other_end);
}

// O(pages there).
Result<std::uint64_t> MemoryFile::find_hole(std::uint64_t offset) {
    std::uint64_t index = page_of(offset);
    while (store_.has(static_cast<std::uint32_t>(index))) {
        ++index;
    }
    return std::min(std::max(offset, index * page_size), size_);
}

// ---- As regions see it

Result<ObjectPage> MemoryFile::Pages::page(std::uint32_t index, bool for_write) {
    if (index >= pages_for(file_->size_)) {
        return fail(Error::out_of_range);
    }
    const Result<Frame> frame = file_->page_for_writing(index);
    if (!frame) {
        // A full file system is a SIGBUS, as on Linux.
        return fail(frame.error() == Error::no_space ? Error::out_of_range : frame.error());
    }
    if (for_write) {
        file_->was_modified();
    }
    return ObjectPage{*frame};
}

Result<void> MemoryFile::Pages::discard(std::uint32_t first, std::uint32_t count) {
    if (file_->sealed(write_seals)) {
        return fail(Error::not_permitted);
    }
    file_->drop_pages(first, count, PrivateCopies::stay);
    return {};
}

void MemoryFile::Pages::print_name(Sink& sink) const {
    quire::print_path(sink, *file_);
}

ObjectIdentity MemoryFile::Pages::identity() const {
    return {.device = file_->file_system().device(), .inode = file_->number()};
}

// ---- Seals: Linux 6.1 mm/memfd.c and mm/shmem.c

Result<void> MemoryFile::add_seals(std::uint32_t seals) {
    if ((seals & ~all_seals) != 0) {
        return fail(Error::invalid_argument);
    }
    if (sealed(F_SEAL_SEAL)) {
        return fail(Error::not_permitted);
    }
    if ((seals & F_SEAL_WRITE) != 0 && !sealed(F_SEAL_WRITE) && pages_.mapped_writable()) {
        return fail(Error::busy);
    }
    seals_ |= seals;
    return {};
}

bool MemoryFile::mappings_may_write() const {
    return !sealed(write_seals);
}

// For bytes of one page, up to `end`.
Result<void> MemoryFile::check_write_seals(std::uint64_t end) const {
    const bool refused = sealed(write_seals) || (end > size_ && sealed(F_SEAL_GROW));
    return refused ? fail(Error::not_permitted) : Result<void>();
}

// Nobody has it open and no directory names it; regions may still map it.
Inode* MemoryFile::destroy() {
    pages_.release();
    return nullptr;
}

void MemoryFile::end() {
    drop_pages(0, PageCache::most_pages, MemoryObject::PrivateCopies::go);
    const Ref<Inode> directory = Ref<Inode>::adopt(home().forget(*this));
    KernelHeap& heap = file_system().memory.heap;
    destroy_object(heap, this);
}

} // namespace quire
