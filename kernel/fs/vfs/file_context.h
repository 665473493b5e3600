// Where a process stands in the tree of files: its working directory, and the permissions that files it creates do not
// get. Processes made by clone(CLONE_FS) share one and count themselves as its holders.
#pragma once

#include "kernel/fs/vfs/inode.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/memory/heap/kernel_heap.h"

#include <cstdint>

namespace quire {

struct FileContext {
    // Error: out_of_memory.
    [[nodiscard]] static Result<Ref<FileContext>> create(KernelHeap& heap, Inode& directory, std::uint32_t umask = 022);
    FileContext(KernelHeap& its_heap, Inode& directory, std::uint32_t its_umask)
        : working_directory(directory), umask(its_umask), heap(&its_heap) {}

    // One for another process, equal to this. Error: out_of_memory.
    [[nodiscard]] Result<Ref<FileContext>> clone() const { return create(*heap, *working_directory, umask); }
    void retain() { ++references; }
    void release();

    Ref<Inode> working_directory;
    std::uint32_t umask;
    KernelHeap* heap;
    std::uint32_t references = 1;
};

} // namespace quire
