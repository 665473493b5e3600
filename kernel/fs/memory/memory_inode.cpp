// Attributes, symbolic links and FIFOs of memory file systems.
#include "kernel/fs/memory/memory_inode.h"

#include "kernel/fs/memory/memory_directory.h"
#include "kernel/fs/memory/memory_file_system.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>
#include <tuple>

namespace quire {

namespace {

bool is_later(const Timestamp& one, const Timestamp& other) {
    return std::tie(one.seconds, one.nanoseconds) > std::tie(other.seconds, other.nanoseconds);
}

} // namespace

std::uint32_t MemoryEntry::directory_number() const {
    return directory->number();
}

MemoryInode::MemoryInode(MemoryFileSystem& file_system, std::uint32_t number, std::uint32_t mode)
    : Inode(file_system, number, mode), born_(file_system.services.now()) {
    accessed_ = modified_ = changed_ = born_;
}

MemoryFileSystem& MemoryInode::home() const {
    return static_cast<MemoryFileSystem&>(file_system());
}

FileStatus MemoryInode::status() {
    FileStatus status = Inode::status();
    status.links = links;
    status.user = user_;
    status.group = group_;
    status.accessed = accessed_;
    status.modified = modified_;
    status.changed = changed_;
    status.born = born_;
    return status;
}

Result<void> MemoryInode::set_permissions(std::uint32_t permissions) {
    mode_ = (mode_ & mode::kind) | (permissions & mode::permissions);
    was_changed();
    return {};
}

Result<void> MemoryInode::set_owner(std::optional<std::uint32_t> user, std::optional<std::uint32_t> group) {
    user_ = user.value_or(user_);
    group_ = group.value_or(group_);
    was_changed();
    return {};
}

Result<void> MemoryInode::set_times(const NewTimes& times) {
    accessed_ = times.accessed.value_or(accessed_);
    modified_ = times.modified.value_or(modified_);
    was_changed();
    return {};
}

Inode* MemoryInode::parent() {
    return known_by != nullptr ? known_by->directory : nullptr;
}

void MemoryInode::was_read() {
    constexpr std::int64_t day = 24 * 3600;
    const Timestamp now = file_system().services.now();
    if (!is_later(accessed_, modified_) || !is_later(accessed_, changed_) || now.seconds - accessed_.seconds >= day) {
        accessed_ = now;
    }
}

void MemoryInode::was_modified() {
    modified_ = changed_ = file_system().services.now();
}

void MemoryInode::was_changed() {
    changed_ = file_system().services.now();
}

// ---- Symbolic links

MemoryLink::MemoryLink(MemoryFileSystem& file_system, std::uint32_t number, std::string_view target)
    : MemoryInode(file_system, number, mode::symbolic_link | 0777), target_(target) {}

Result<std::uint32_t> MemoryLink::read_link(std::span<char> target) {
    const std::size_t size = std::min(target.size(), target_.size());
    std::copy_n(target_.begin(), size, target.begin());
    was_read();
    return static_cast<std::uint32_t>(size);
}

Inode* MemoryLink::destroy() {
    Inode* const directory = home().forget(*this);
    KernelHeap& heap = file_system().memory.heap;
    must_succeed(heap.free(const_cast<char*>(target_.data())));
    destroy_object(heap, this);
    return directory;
}

// ---- FIFOs

MemoryFifo::MemoryFifo(MemoryFileSystem& file_system, std::uint32_t number, std::uint32_t permissions)
    : MemoryInode(file_system, number, mode::fifo | permissions), pipe_(file_system.memory.heap, file_system.services) {
}

Result<void> MemoryFifo::opened(File& file, std::uint32_t) {
    pipe_.open(file);
    const Result<void> met = pipe_.meet_other_end(file);
    if (!met) {
        pipe_.close(file);
    }
    return met;
}

void MemoryFifo::closed(File& file) {
    pipe_.close(file);
}

Result<std::uint32_t> MemoryFifo::read(File& file, IoBuffer& buffer, std::uint64_t) {
    return pipe_.read(file, buffer);
}

Result<std::uint32_t> MemoryFifo::write(File& file, IoBuffer& buffer, std::uint64_t) {
    return pipe_.write(file, buffer);
}

Inode* MemoryFifo::destroy() {
    Inode* const directory = home().forget(*this);
    KernelHeap& heap = file_system().memory.heap;
    destroy_object(heap, this);
    return directory;
}

} // namespace quire
