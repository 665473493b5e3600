// The descriptors of a process: which number stands for which open file. Processes made by clone(CLONE_FILES) share a
// table and count themselves as its holders. It owns one reference to each file in it.
#pragma once

#include "kernel/fs/vfs/file.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/memory/heap/kernel_heap.h"

#include <array>
#include <cstdint>

namespace quire {

class FileTable {
public:
    static constexpr std::uint32_t most_descriptors = 4096; // RLIMIT_NOFILE's hard limit

    // An empty table. Error: out_of_memory.
    [[nodiscard]] static Result<Ref<FileTable>> create(KernelHeap& heap);
    explicit FileTable(KernelHeap& heap) : heap_(&heap) {} // by create() only
    FileTable(const FileTable&) = delete;
    FileTable& operator=(const FileTable&) = delete;

    void retain() { ++references_; }
    void release(); // the last one closes all
    [[nodiscard]] bool shared() const { return references_ > 1; }

    // A table with the same files: for fork. Error: out_of_memory. O(descriptors).
    [[nodiscard]] Result<Ref<FileTable>> clone() const;
    // The table itself where nobody shares it, else a clone: for who is to have one of his own. Error: out_of_memory.
    [[nodiscard]] static Result<Ref<FileTable>> own(const Ref<FileTable>& table) {
        return table->shared() ? table->clone() : Result<Ref<FileTable>>(table);
    }

    // The file behind a descriptor, without one more count: good until something is closed. Null: none. O(1).
    [[nodiscard]] File* find(std::uint32_t descriptor) const {
        return descriptor < capacity_ ? files_[descriptor] : nullptr;
    }
    // The same, counted, for calls that may wait; bad_descriptor where there is none.
    [[nodiscard]] Result<Ref<File>> get(std::uint32_t descriptor) const;

    // The lowest free number from `from` on, below `limit`, for `file`. Errors: too_many_files; invalid_argument
    // (`from` is not below the limit); out_of_memory. O(descriptors / 32).
    Result<std::uint32_t> add(Ref<File> file, bool close_on_exec, std::uint32_t from = 0);
    // Makes `descriptor` stand for `file`; what it stood for is closed. Errors: bad_descriptor (not below the limit),
    // out_of_memory.
    Result<void> set(std::uint32_t descriptor, Ref<File> file, bool close_on_exec);
    // Error: bad_descriptor.
    Result<void> close(std::uint32_t descriptor);
    // close_range: those from `first` to `last` that are open.
    void close_range(std::uint32_t first, std::uint32_t last);
    // exec: all that are marked.
    void close_on_exec();

    // FD_CLOEXEC. Errors: bad_descriptor.
    [[nodiscard]] Result<bool> closes_on_exec(std::uint32_t descriptor) const;
    Result<void> set_close_on_exec(std::uint32_t descriptor, bool close);

    // RLIMIT_NOFILE's soft limit: numbers below it are given out. What is open stays.
    [[nodiscard]] std::uint32_t limit() const { return limit_; }
    void set_limit(std::uint32_t limit);
    // Numbers that there is room for at the moment.
    [[nodiscard]] std::uint32_t capacity() const { return capacity_; }
    [[nodiscard]] std::uint32_t open_count() const;
    // The lowest open descriptor from `from` on; `end` where there is none.
    static constexpr std::uint32_t end = ~std::uint32_t{0};
    [[nodiscard]] std::uint32_t next_open(std::uint32_t from) const;

private:
    static constexpr std::uint32_t word_bits = 32;
    static constexpr std::uint32_t inline_capacity = word_bits;
    static constexpr std::uint32_t default_limit = 1024;

    [[nodiscard]] bool is_open(std::uint32_t descriptor) const { return find(descriptor) != nullptr; }
    Result<void> grow(std::uint32_t capacity);
    void put(std::uint32_t descriptor, File* file, bool close_on_exec);
    [[nodiscard]] File* take(std::uint32_t descriptor);
    [[nodiscard]] std::uint32_t lowest_free(std::uint32_t from) const;
    void free_block();

    KernelHeap* heap_;
    std::uint32_t references_ = 1;
    std::uint32_t limit_ = default_limit;

    // Room for `capacity_` descriptors (a multiple of 32): in the object, or, for more, in one block of the heap.
    std::array<File*, inline_capacity> inline_files_{};
    std::uint32_t inline_open_ = 0, inline_close_on_exec_ = 0;
    std::uint32_t capacity_ = inline_capacity;
    File** files_ = inline_files_.data();
    std::uint32_t* open_ = &inline_open_;                   // a bit for each descriptor: it is in use …
    std::uint32_t* close_on_exec_ = &inline_close_on_exec_; // … and ends with exec
};

} // namespace quire
