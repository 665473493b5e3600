// What the heap's tests share: a range of host memory for a KernelHeap, and random numbers. Pages that are not
// committed cannot be touched (SIGSEGV), commits bring garbage, and any of them can be made to fail.
#pragma once

#include "kernel/machine/address.h"
#include "kernel/memory/heap/heap_types.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <sys/mman.h>
#include <vector>

namespace quire::test {

// Random numbers that are the same everywhere. xorshift64*, Vigna 2016.
class HeapRandom {
public:
    explicit HeapRandom(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}
    std::uint32_t operator()() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return static_cast<std::uint32_t>((state_ * 0x2545F4914F6CDD1DU) >> 32);
    }

private:
    std::uint64_t state_;
};

class HeapRange final : public HeapPages {
public:
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    explicit HeapRange(std::size_t bytes) : bytes_(bytes), committed_(bytes / page_size) {
        // Page-table sized alignment, so that large alignments mean the same in every run.
        constexpr std::size_t alignment = std::size_t{1} << 22;
        mapping_ = mmap(nullptr, bytes + alignment, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapping_ == MAP_FAILED) {
            throw std::runtime_error("mmap");
        }
        const auto at = (reinterpret_cast<std::uintptr_t>(mapping_) + alignment - 1) & ~(alignment - 1);
        base_ = reinterpret_cast<std::byte*>(at);
    }
    ~HeapRange() { munmap(mapping_, bytes_ + (std::size_t{1} << 22)); }
    HeapRange(const HeapRange&) = delete;
    HeapRange& operator=(const HeapRange&) = delete;

    Result<void> commit(std::uint32_t first, std::uint32_t count) override {
        if (calls_++ >= fail_from_ || pages_ + count > budget_) {
            return fail(Error::out_of_memory);
        }
        change(first, count, true);
        std::byte* const at = base_ + std::size_t{first} * page_size;
        if (mprotect(at, std::size_t{count} * page_size, PROT_READ | PROT_WRITE) != 0) {
            throw std::runtime_error("mprotect");
        }
        std::memset(at, 0xEE, std::size_t{count} * page_size);
        return {};
    }

    void decommit(std::uint32_t first, std::uint32_t count) override {
        change(first, count, false);
        std::byte* const at = base_ + std::size_t{first} * page_size;
        madvise(at, std::size_t{count} * page_size, MADV_DONTNEED);
        mprotect(at, std::size_t{count} * page_size, PROT_NONE);
    }

    // The commits from the `calls`th from now on fail, until this is called again with `never`.
    void fail_after(std::uint64_t calls) { fail_from_ = calls == never ? never : calls_ + calls; }
    // No more than this many pages can be committed at a time.
    void set_budget(std::uint32_t pages) { budget_ = pages; }

    [[nodiscard]] std::byte* base() const { return base_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::uint32_t committed() const { return pages_; }
    [[nodiscard]] std::uint64_t commits() const { return calls_; }
    [[nodiscard]] bool contains(const void* pointer) const { return pointer >= base_ && pointer < base_ + bytes_; }
    [[nodiscard]] bool committed(const void* pointer) const {
        return contains(pointer) &&
               committed_[static_cast<std::size_t>(static_cast<const std::byte*>(pointer) - base_) / page_size];
    }

private:
    void change(std::uint32_t first, std::uint32_t count, bool to) {
        if (count == 0 || std::size_t{first} + count > committed_.size()) {
            throw std::runtime_error("the heap named pages outside its range");
        }
        for (std::uint32_t page = first; page < first + count; ++page) {
            if (committed_[page] == to) {
                throw std::runtime_error(to ? "committed twice" : "decommitted what was not committed");
            }
            committed_[page] = to;
        }
        pages_ = to ? pages_ + count : pages_ - count;
    }

    std::size_t bytes_;
    std::vector<bool> committed_;
    void* mapping_ = nullptr;
    std::byte* base_ = nullptr;
    std::uint32_t pages_ = 0;
    std::uint32_t budget_ = 0xFFFFFFFF;
    std::uint64_t calls_ = 0;
    std::uint64_t fail_from_ = never;
};

} // namespace quire::test
