// The kernel heap over a range of host memory.
#include "bench/heap/quire_heap.h"

#include "kernel/lib/panic.h"
#include "kernel/machine/address.h"
#include "kernel/memory/heap/kernel_heap.h"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <sys/mman.h>

namespace quire {

void panic(const char* why, const char* file, unsigned line) {
    std::fprintf(stderr, "panic: %s (%s:%u)\n", why, file, line);
    std::abort();
}

namespace bench {
namespace {

constexpr std::size_t range_bytes = std::size_t{4} << 30;

class HostPages final : public HeapPages {
public:
    HostPages() {
        void* const at =
            mmap(nullptr, range_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at == MAP_FAILED) {
            throw std::runtime_error("mmap");
        }
        base_ = static_cast<std::byte*>(at);
    }
    Result<void> commit(std::uint32_t /*first*/, std::uint32_t /*count*/) override { return {}; }
    void decommit(std::uint32_t first, std::uint32_t count) override {
        madvise(base_ + std::size_t{first} * page_size, std::size_t{count} * page_size, MADV_DONTNEED);
    }
    [[nodiscard]] std::byte* base() const { return base_; }

private:
    std::byte* base_ = nullptr;
};

struct HostHeap {
    explicit HostHeap(HeapMode mode) : heap(pages, pages.base(), range_bytes, {.mode = mode}) {}
    HostPages pages;
    KernelHeap heap;
};

// Function pointers carry no object, as malloc does not; so there is one.
std::optional<HostHeap> host; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): see above

} // namespace

Heap quire_heap(HeapMode mode) {
    host.emplace(mode);
    return {.allocate = [](std::size_t bytes) { return host->heap.allocate(bytes).value_or(nullptr); },
            .free =
                [](void* block) {
                    if (!host->heap.free(block)) {
                        std::abort();
                    }
                },
            .reallocate = [](void* block,
                             std::size_t bytes) { return host->heap.reallocate(block, bytes).value_or(nullptr); }};
}

void print_quire_statistics() {
    if (!host) {
        return;
    }
    const HeapStatistics s = host->heap.statistics();
    std::fprintf(stderr, "allocations %llu, commits %llu, decommits %llu, peak pages %u, records touched %llu\n",
                 static_cast<unsigned long long>(s.allocations), static_cast<unsigned long long>(s.commits),
                 static_cast<unsigned long long>(s.decommits), s.peak_committed_pages,
                 static_cast<unsigned long long>(s.records_touched));
}

} // namespace bench
} // namespace quire
