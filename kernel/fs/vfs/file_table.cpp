// Descriptors: two bitmaps and an array, in the table itself for the first 32 and in one heap block for more.
#include "kernel/fs/vfs/file_table.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>
#include <bit>

namespace quire {

namespace {

constexpr std::uint32_t word_of(std::uint32_t descriptor) {
    return descriptor / 32;
}
constexpr std::uint32_t bit_of(std::uint32_t descriptor) {
    return 1U << descriptor % 32;
}
// The bits of `descriptor` and all above it in its word.
constexpr std::uint32_t bits_from(std::uint32_t descriptor) {
    return ~std::uint32_t{0} << descriptor % 32;
}

} // namespace

Result<Ref<FileTable>> FileTable::create(KernelHeap& heap) {
    return adopt(make_object<FileTable>(heap, heap));
}

void FileTable::release() {
    if (--references_ == 0) {
        close_range(0, end);
        free_block();
        destroy_object(*heap_, this);
    }
}

Result<Ref<FileTable>> FileTable::clone() const {
    Result<Ref<FileTable>> made = create(*heap_);
    if (!made) {
        return made;
    }
    FileTable& other = **made;
    std::uint32_t words = capacity_ / word_bits;
    while (words > 1 && open_[words - 1] == 0) {
        --words;
    }
    if (const Result<void> room = other.grow(words * word_bits); !room) {
        return fail(room.error());
    }
    other.limit_ = limit_;
    for (std::uint32_t word = 0; word < words; ++word) {
        other.open_[word] = open_[word];
        other.close_on_exec_[word] = close_on_exec_[word];
        for (std::uint32_t bits = open_[word]; bits != 0; bits &= bits - 1) {
            const std::uint32_t descriptor = word * word_bits + static_cast<std::uint32_t>(std::countr_zero(bits));
            files_[descriptor]->retain();
            other.files_[descriptor] = files_[descriptor];
        }
    }
    return made;
}

// Makes room for `capacity` descriptors at least, to be counted in words.
Result<void> FileTable::grow(std::uint32_t capacity) {
    if (capacity <= capacity_) {
        return {};
    }
    const std::uint32_t wanted = std::bit_ceil(capacity);
    const std::size_t file_bytes = wanted * sizeof(File*);
    const std::size_t bitmap_bytes = wanted / word_bits * sizeof(std::uint32_t);
    const Result<void*> block = heap_->allocate_zeroed(1, file_bytes + 2 * bitmap_bytes);
    if (!block) {
        return fail(Error::out_of_memory);
    }
    auto* const files = static_cast<File**>(*block);
    auto* const open = reinterpret_cast<std::uint32_t*>(static_cast<std::byte*>(*block) + file_bytes);
    std::uint32_t* const close_on_exec = open + wanted / word_bits;
    std::copy_n(files_, capacity_, files);
    std::copy_n(open_, capacity_ / word_bits, open);
    std::copy_n(close_on_exec_, capacity_ / word_bits, close_on_exec);
    free_block();
    capacity_ = wanted;
    files_ = files;
    open_ = open;
    close_on_exec_ = close_on_exec;
    return {};
}

void FileTable::free_block() {
    if (files_ != inline_files_.data()) {
        must_succeed(heap_->free(files_));
    }
}

// `descriptor` is free and there is room for it. Takes over a count of `file`.
void FileTable::put(std::uint32_t descriptor, File* file, bool close_on_exec) {
    const std::uint32_t word = word_of(descriptor);
    const std::uint32_t bit = bit_of(descriptor);
    files_[descriptor] = file;
    open_[word] |= bit;
    close_on_exec_[word] = close_on_exec ? close_on_exec_[word] | bit : close_on_exec_[word] & ~bit;
}

// The file of an open descriptor, which is free then. Its count is the caller's. Whatever other descriptors there are,
// what the table had locked of the file ends: POSIX fcntl.
File* FileTable::take(std::uint32_t descriptor) {
    File* const file = files_[descriptor];
    files_[descriptor] = nullptr;
    open_[word_of(descriptor)] &= ~bit_of(descriptor);
    if (InodeLocks* const locks = file->inode().locks; locks != nullptr && !file->is_path()) {
        locks->closed(*this);
    }
    return file;
}

Result<Ref<File>> FileTable::get(std::uint32_t descriptor) const {
    File* const file = find(descriptor);
    if (file == nullptr) {
        return fail(Error::bad_descriptor);
    }
    return Ref<File>(*file);
}

// May be one beyond what there is room for.
std::uint32_t FileTable::lowest_free(std::uint32_t from) const {
    const std::uint32_t words = capacity_ / word_bits;
    std::uint32_t mask = bits_from(from);
    for (std::uint32_t word = word_of(from); word < words; ++word) {
        if (const std::uint32_t free = ~open_[word] & mask; free != 0) {
            return word * word_bits + static_cast<std::uint32_t>(std::countr_zero(free));
        }
        mask = ~std::uint32_t{0};
    }
    return std::max(from, capacity_);
}

Result<std::uint32_t> FileTable::add(Ref<File> file, bool close_on_exec, std::uint32_t from) {
    if (from >= limit_) {
        return fail(from == 0 ? Error::too_many_files : Error::invalid_argument);
    }
    const std::uint32_t descriptor = lowest_free(from);
    if (descriptor >= limit_) {
        return fail(Error::too_many_files);
    }
    if (const Result<void> room = grow(descriptor + 1); !room) {
        return fail(room.error());
    }
    put(descriptor, file.leak(), close_on_exec);
    return descriptor;
}

Result<void> FileTable::set(std::uint32_t descriptor, Ref<File> file, bool close_on_exec) {
    if (descriptor >= limit_) {
        return fail(Error::bad_descriptor);
    }
    if (const Result<void> room = grow(descriptor + 1); !room) {
        return room;
    }
    // Closed last, when the table is in order: closing may do much.
    const Ref<File> before = Ref<File>::adopt(is_open(descriptor) ? take(descriptor) : nullptr);
    put(descriptor, file.leak(), close_on_exec);
    return {};
}

Result<void> FileTable::close(std::uint32_t descriptor) {
    if (!is_open(descriptor)) {
        return fail(Error::bad_descriptor);
    }
    take(descriptor)->release();
    return {};
}

void FileTable::close_range(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t each = next_open(first); each != end && each <= last; each = next_open(each)) {
        take(each)->release();
    }
}

void FileTable::close_on_exec() {
    for (std::uint32_t word = 0; word < capacity_ / word_bits; ++word) {
        for (std::uint32_t bits = open_[word] & close_on_exec_[word]; bits != 0; bits &= bits - 1) {
            take(word * word_bits + static_cast<std::uint32_t>(std::countr_zero(bits)))->release();
        }
    }
}

Result<bool> FileTable::closes_on_exec(std::uint32_t descriptor) const {
    if (!is_open(descriptor)) {
        return fail(Error::bad_descriptor);
    }
    return (close_on_exec_[word_of(descriptor)] & bit_of(descriptor)) != 0;
}

Result<void> FileTable::set_close_on_exec(std::uint32_t descriptor, bool close) {
    if (!is_open(descriptor)) {
        return fail(Error::bad_descriptor);
    }
    put(descriptor, files_[descriptor], close);
    return {};
}

void FileTable::set_limit(std::uint32_t limit) {
    limit_ = std::min(limit, most_descriptors);
}

std::uint32_t FileTable::open_count() const {
    std::uint32_t count = 0;
    for (std::uint32_t word = 0; word < capacity_ / word_bits; ++word) {
        count += static_cast<std::uint32_t>(std::popcount(open_[word]));
    }
    return count;
}

std::uint32_t FileTable::next_open(std::uint32_t from) const {
    if (from >= capacity_) {
        return end;
    }
    std::uint32_t mask = bits_from(from);
    for (std::uint32_t word = word_of(from); word < capacity_ / word_bits; ++word) {
        if (const std::uint32_t bits = open_[word] & mask; bits != 0) {
            return word * word_bits + static_cast<std::uint32_t>(std::countr_zero(bits));
        }
        mask = ~std::uint32_t{0};
    }
    return end;
}

} // namespace quire
