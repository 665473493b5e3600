// What all files have in common, and what most of them cannot do.
#include "kernel/fs/vfs/inode.h"

#include "kernel/fs/vfs/file_system.h"
#include "kernel/lib/panic.h"

#include <asm/poll.h>

namespace quire {

static_assert(ready_event::readable == (POLLIN | POLLRDNORM) && ready_event::writable == (POLLOUT | POLLWRNORM));
static_assert(ready_event::error == POLLERR && ready_event::hung_up == POLLHUP);

Inode::Inode(FileSystem& file_system, std::uint32_t number, std::uint32_t mode)
    : mode_(mode), file_system_(&file_system), number_(number) {}

void Inode::release() {
    Inode* inode = this;
    while (inode != nullptr && --inode->references_ == 0) {
        inode = inode->destroy();
    }
}

FileStatus Inode::status() {
    FileStatus status;
    status.device = file_system_->device();
    status.inode = number_;
    status.mode = mode_;
    status.size = size();
    status.accessed = status.modified = status.changed = status.born = file_system_->born();
    return status;
}

Result<void> Inode::set_permissions(std::uint32_t) {
    return fail(file_system_->read_only() ? Error::read_only : Error::not_permitted);
}

Result<void> Inode::set_owner(std::optional<std::uint32_t>, std::optional<std::uint32_t>) {
    return fail(file_system_->read_only() ? Error::read_only : Error::not_permitted);
}

Result<void> Inode::set_times(const NewTimes&) {
    return fail(file_system_->read_only() ? Error::read_only : Error::not_permitted);
}

Error Inode::unchangeable() const {
    if (!is_directory()) {
        return Error::not_directory;
    }
    return file_system_->read_only() ? Error::read_only : Error::not_permitted;
}

Result<Ref<Inode>> Inode::lookup(std::string_view) {
    return fail(is_directory() ? Error::not_found : Error::not_directory);
}

Result<Ref<Inode>> Inode::create(std::string_view, const NewInode&) {
    return fail(unchangeable());
}

Result<Ref<Inode>> Inode::create_nameless(std::uint32_t, bool) {
    const Error error = unchangeable();
    return fail(error == Error::not_permitted ? Error::not_supported : error);
}

Result<void> Inode::link(std::string_view, Inode&) {
    return fail(unchangeable());
}

Result<void> Inode::unlink(std::string_view) {
    return fail(unchangeable());
}

Result<void> Inode::remove_directory(std::string_view) {
    return fail(unchangeable());
}

Result<void> Inode::rename(std::string_view, Inode&, std::string_view, RenameMode) {
    return fail(unchangeable());
}

Result<void> Inode::list(std::uint64_t&, DirectoryVisitor&) {
    return fail(Error::not_directory);
}

Result<std::uint32_t> Inode::read_link(std::span<char>) {
    return fail(Error::invalid_argument);
}

Result<Ref<Inode>> Inode::follow_directly() {
    return Ref<Inode>();
}

Result<void> Inode::opened(File&, std::uint32_t) {
    return {};
}

void Inode::closed(File&) {}

Result<std::uint32_t> Inode::read(File&, IoBuffer&, std::uint64_t) {
    return fail(is_directory() ? Error::is_directory : Error::invalid_argument);
}

Result<std::uint32_t> Inode::write(File&, IoBuffer&, std::uint64_t) {
    return fail(Error::invalid_argument);
}

Result<void> Inode::check_growth(std::uint64_t bytes) {
    FileServices& services = file_system_->services;
    if (bytes <= size() || bytes <= services.file_size_limit()) {
        return {};
    }
    services.file_would_be_too_large();
    return fail(Error::too_big_file);
}

Result<void> Inode::truncate(std::uint64_t) {
    return fail(is_directory() ? Error::is_directory : Error::invalid_argument);
}

Result<void> Inode::allocate(std::uint32_t, std::uint64_t, std::uint64_t) {
    return fail(is_directory() ? Error::is_directory : Error::no_device);
}

Result<std::uint32_t> Inode::control(File&, std::uint32_t, const ControlArgument&) {
    return fail(Error::not_terminal);
}

// As Linux has it for files that never make anybody wait.
std::uint32_t Inode::ready(const File&) {
    return ready_event::readable | ready_event::writable;
}

Result<MemoryObject*> Inode::pages() {
    return fail(Error::no_device);
}

Result<void> Inode::deny_writing() {
    if (writers_ > 0) {
        return fail(Error::text_busy);
    }
    --writers_;
    return {};
}

void Inode::allow_writing() {
    ensure(writers_ < 0, "writing to a file is allowed again that was not denied");
    ++writers_;
}

Result<void> Inode::begin_writing() {
    if (writers_ < 0) {
        return fail(Error::text_busy);
    }
    ++writers_;
    return {};
}

void Inode::end_writing() {
    ensure(writers_ > 0, "a file is closed for writing more often than it was opened");
    --writers_;
}

void Inode::mount(Inode& root) {
    ensure(mounted_ == nullptr && root.covers_ == nullptr, "nothing is mounted twice");
    mounted_ = &root;
    root.covers_ = this;
}

} // namespace quire
