// Entries of directories, found by directory and name: a hash table of all directories of a file system, that grows and
// shrinks with them. It owns its buckets, never the entries, which are linked through themselves.
#pragma once

#include "kernel/lib/panic.h"
#include "kernel/memory/heap/kernel_heap.h"

#include <cstdint>
#include <string_view>

namespace quire {

// A hash of a name in the directory with this number.
[[nodiscard]] constexpr std::uint32_t name_hash(std::uint32_t directory, std::string_view name) {
    // FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
    std::uint32_t value = 2166136261U ^ directory;
    for (const char each : name) {
        value = (value ^ static_cast<unsigned char>(each)) * 16777619U;
    }
    return value ^ value >> 15;
}

// Entry has directory_number(), name() and a member `next_in_bucket`.
template <class Entry> class NameTable {
public:
    explicit NameTable(KernelHeap& heap) : heap_(&heap) {}
    NameTable(const NameTable&) = delete;
    NameTable& operator=(const NameTable&) = delete;
    ~NameTable() { must_succeed(heap_->free(buckets_)); }

    // Buckets for `entries` entries. Error: out_of_memory.
    [[nodiscard]] Result<void> reserve(std::uint32_t entries) {
        std::uint32_t wanted = least_buckets;
        while (wanted < entries) {
            wanted *= 2;
        }
        return wanted > bucket_count_ ? rehash(wanted) : Result<void>{};
    }
    // Null where there is none. O(1) on average.
    [[nodiscard]] Entry* find(std::uint32_t directory, std::string_view name) const {
        if (bucket_count_ == 0) {
            return nullptr;
        }
        Entry* entry = bucket(directory, name);
        while (entry != nullptr && (entry->directory_number() != directory || entry->name() != name)) {
            entry = entry->next_in_bucket;
        }
        return entry;
    }
    // Buckets must have been reserved once.
    void insert(Entry& entry) {
        if (++entries_ > bucket_count_) {
            may_fail(rehash(bucket_count_ * 2)); // where there is no memory for more, chains get longer
        }
        Entry*& first = bucket(entry.directory_number(), entry.name());
        entry.next_in_bucket = first;
        first = &entry;
    }
    // The entry is in the table.
    void erase(Entry& entry) {
        Entry** link = &bucket(entry.directory_number(), entry.name());
        while (*link != &entry) {
            link = &(*link)->next_in_bucket;
        }
        *link = entry.next_in_bucket;
        if (--entries_ < bucket_count_ / 4 && bucket_count_ > least_buckets) {
            // Where there is no memory for fewer buckets, they stay until the next one is erased.
            may_fail(rehash(bucket_count_ / 2));
        }
    }
    [[nodiscard]] std::uint32_t buckets() const { return bucket_count_; }

private:
    static constexpr std::uint32_t least_buckets = 64;

    [[nodiscard]] Entry*& bucket(std::uint32_t directory, std::string_view name) const {
        return buckets_[name_hash(directory, name) & (bucket_count_ - 1)];
    }
    [[nodiscard]] Result<void> rehash(std::uint32_t count) {
        const Result<void*> made = heap_->allocate_zeroed(count, sizeof(Entry*));
        if (!made) {
            return fail(Error::out_of_memory);
        }
        Entry** const before = buckets_;
        const std::uint32_t count_before = bucket_count_;
        buckets_ = static_cast<Entry**>(*made);
        bucket_count_ = count;
        for (std::uint32_t each = 0; each < count_before; ++each) {
            for (Entry* entry = before[each]; entry != nullptr;) {
                Entry* const next = entry->next_in_bucket;
                Entry*& first = bucket(entry->directory_number(), entry->name());
                entry->next_in_bucket = first;
                first = entry;
                entry = next;
            }
        }
        must_succeed(heap_->free(before));
        return {};
    }

    KernelHeap* heap_;
    Entry** buckets_ = nullptr;
    std::uint32_t bucket_count_ = 0; // a power of two
    std::uint32_t entries_ = 0;
};

} // namespace quire
