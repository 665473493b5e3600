// The memory calls refuse what Linux refuses, with its errno, before they look at any mapping; what they let through
// arrives in the address space in pages.
#include "kernel/abi/uapi.h"
#include "tests/host/abi/calls_fixture.h"

namespace quire {
namespace {

using test::CallsFixture;

constexpr std::uint32_t page = page_size;
constexpr std::uint32_t anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr std::uint32_t readable = PROT_READ | PROT_WRITE;

struct MemoryCalls : CallsFixture {
    std::int32_t map2(std::uint32_t at, std::uint32_t bytes, std::uint32_t protection, std::uint32_t flags,
                      std::int32_t descriptor = -1, std::uint32_t first_page = 0) {
        return call(__NR_mmap2, at, bytes, protection, flags, descriptor, first_page);
    }
    [[nodiscard]] const Region* region(std::int32_t address) {
        return process.space->find(Page::containing(VirtAddr(static_cast<std::uint32_t>(address))));
    }
};

TEST_CASE("mmap2 maps whole pages and tells where", "[abi]") {
    MemoryCalls f;
    const std::int32_t at = f.map2(0, page + 1, readable, anonymous);
    REQUIRE(at > 0);
    REQUIRE(f.region(at) != nullptr);
    CHECK(f.region(at)->pages == 2);
    CHECK(f.region(at)->traits.access == Access{.read = true, .write = true});
    CHECK(f.map2(0x20000123, page, PROT_READ, anonymous) == 0x20000000); // a hint is rounded down
    CHECK(f.map2(0x21000000, page, PROT_EXEC, anonymous | MAP_FIXED) == 0x21000000);
    CHECK(f.region(0x21000000)->traits.access == Access{.execute = true});
    CHECK(f.map2(0, page, readable, MAP_SHARED | MAP_ANONYMOUS) > 0);
}

TEST_CASE("mmap2 refuses in Linux's order", "[abi]") {
    MemoryCalls f;
    CHECK(f.map2(0, 0, readable, MAP_PRIVATE, 7) == -EBADF); // the file before the length
    CHECK(f.map2(0, 0, readable, anonymous) == -EINVAL);
    CHECK(f.map2(0, 0xFFFFF001, readable, anonymous) == -ENOMEM);
    CHECK(f.map2(0, 2 * page, readable, anonymous, -1, 0xFFFFFFFF) == -EOVERFLOW);
    CHECK(f.map2(0, 0xC0000000, readable, anonymous) == -ENOMEM);
    CHECK(f.map2(1, page, readable, anonymous | MAP_FIXED) == -EINVAL);
    CHECK(f.map2(0x5FFFF000, 2 * page, readable, anonymous | MAP_FIXED) == -ENOMEM);
    CHECK(f.map2(0, page, readable, MAP_ANONYMOUS) == -EINVAL); // neither private nor shared
    CHECK(f.map2(0, page, readable, MAP_SHARED_VALIDATE | MAP_ANONYMOUS) == -EINVAL);
    CHECK(f.map2(0, page, readable, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN) == -EINVAL);
    CHECK(f.map2(0, page, readable, anonymous | MAP_HUGETLB) == -ENOMEM);
    CHECK(f.map2(0, page, readable, anonymous | MAP_FIXED) == -EPERM); // the null guard
    REQUIRE(f.map2(0x20000000, page, readable, anonymous | MAP_FIXED) == 0x20000000);
    CHECK(f.map2(0x20000000, page, readable, anonymous | MAP_FIXED_NOREPLACE) == -EEXIST);
}

TEST_CASE("mmap asks the file what it allows", "[abi]") {
    MemoryCalls f;
    const std::int32_t file = f.call(__NR_open, f.text("/tmp/f"), O_RDWR | O_CREAT, 0600);
    REQUIRE(file >= 0);
    const std::int32_t reader = f.call(__NR_open, f.text("/tmp/f"), O_RDONLY);
    const std::int32_t writer = f.call(__NR_open, f.text("/tmp/f"), O_WRONLY);
    const std::int32_t path = f.call(__NR_open, f.text("/tmp/f"), O_PATH);
    const std::int32_t directory = f.call(__NR_open, f.text("/tmp"), O_RDONLY);
    CHECK(f.map2(0, page, PROT_READ, MAP_SHARED, file) > 0);
    CHECK(f.map2(0, page, readable, MAP_SHARED, reader) == -EACCES);
    CHECK(f.map2(0, page, readable, MAP_PRIVATE, reader) > 0);
    CHECK(f.map2(0, page, PROT_READ, MAP_PRIVATE, writer) == -EACCES);
    CHECK(f.map2(0, page, PROT_READ, MAP_PRIVATE, path) == -EBADF);
    CHECK(f.map2(0, page, PROT_READ, MAP_PRIVATE, directory) == -ENODEV);
    CHECK(f.map2(0, page, PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC, file) == -EOPNOTSUPP);
    CHECK(f.map2(0, page, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, file) == -EINVAL);
    const std::int32_t shared = f.map2(0, page, PROT_READ, MAP_SHARED, reader);
    CHECK(f.call(__NR_mprotect, shared, page, readable) == -EACCES); // the file was not opened for it
}

TEST_CASE("the old mmap has its arguments in memory, and an offset in bytes", "[abi]") {
    MemoryCalls f;
    abi::OldMapArguments arguments{.length = page, .protection = PROT_READ, .flags = anonymous, .offset = 0};
    CHECK(f.call(__NR_mmap, f.put(arguments)) > 0);
    arguments.offset = 1;
    CHECK(f.call(__NR_mmap, f.put(arguments)) == -EINVAL);
    CHECK(f.call(__NR_mmap, 0x10) == -EFAULT);
    CHECK(f.call(__NR_mmap, 0xFFFFFFF0) == -EFAULT);
}

TEST_CASE("munmap and mprotect look at their arguments first", "[abi]") {
    MemoryCalls f;
    const std::int32_t at = f.map2(0x20000000, 4 * page, readable, anonymous);
    CHECK(f.call(__NR_munmap, at + 1, page) == -EINVAL);
    CHECK(f.call(__NR_munmap, at, 0) == -EINVAL);
    CHECK(f.call(__NR_munmap, 0x60001000, page) == -EINVAL);
    CHECK(f.call(__NR_munmap, at, 0xFFFFFFFF) == -EINVAL);
    CHECK(f.call(__NR_mprotect, at + 1, page, PROT_READ) == -EINVAL);
    CHECK(f.call(__NR_mprotect, at, 0, 0x1000) == 0);
    CHECK(f.call(__NR_mprotect, at, page, 0x1000) == -EINVAL);
    CHECK(f.call(__NR_mprotect, at, page, PROT_READ | PROT_GROWSDOWN) == -EINVAL);
    CHECK(f.call(__NR_mprotect, at, page, PROT_GROWSUP | PROT_GROWSDOWN) == -EINVAL);
    CHECK(f.call(__NR_mprotect, at, 0xFFFFFFFF, PROT_READ) == -ENOMEM);
    CHECK(f.call(__NR_munmap, at + 2 * static_cast<std::int32_t>(page), page) == 0);
    CHECK(f.call(__NR_mprotect, at, 4 * page, PROT_READ) == -ENOMEM); // a hole: what lies before it is changed
    CHECK(f.region(at)->traits.access == Access{.read = true});
    CHECK(f.region(at + 3 * static_cast<std::int32_t>(page))->traits.access.write);
    CHECK(f.call(__NR_pkey_mprotect, at, page, readable, -1) == 0);
    CHECK(f.call(__NR_pkey_mprotect, at, page, readable, 1) == -EINVAL);
}

TEST_CASE("mprotect finds the start of a stack that it is to change from", "[abi]") {
    MemoryCalls f;
    const std::int32_t at = f.map2(0x20000000, 4 * page, readable, anonymous | MAP_GROWSDOWN);
    CHECK(f.call(__NR_mprotect, at + 2 * static_cast<std::int32_t>(page), page, PROT_READ | PROT_GROWSDOWN) == 0);
    CHECK_FALSE(f.region(at)->traits.access.write);
    CHECK(f.region(at + 3 * static_cast<std::int32_t>(page))->traits.access.write);
}

TEST_CASE("mremap looks at its arguments first", "[abi]") {
    MemoryCalls f;
    const std::int32_t at = f.map2(0x20000000, 2 * page, readable, anonymous);
    const auto remap = [&](std::uint32_t flags, std::uint32_t new_size, std::uint32_t to = 0, std::int32_t from = 0) {
        return f.call(__NR_mremap, from != 0 ? from : at, 2 * page, new_size, flags, to);
    };
    CHECK(remap(8, page) == -EINVAL);
    CHECK(remap(MREMAP_FIXED, page, 0x30000000) == -EINVAL);
    CHECK(remap(MREMAP_DONTUNMAP | MREMAP_MAYMOVE, page) == -EINVAL);
    CHECK(remap(0, page, 0, at + 1) == -EINVAL);
    CHECK(remap(0, 0) == -EINVAL);
    CHECK(remap(0, page, 0, 0x40000000) == -EFAULT);
    CHECK(remap(MREMAP_FIXED | MREMAP_MAYMOVE, page, 0x30000001) == -EINVAL);
    CHECK(remap(MREMAP_FIXED | MREMAP_MAYMOVE, 2 * page, 0x5FFFF000) == -EINVAL);
    CHECK(remap(0, page) == at);
    CHECK(f.call(__NR_mremap, at, page, 3 * page, MREMAP_MAYMOVE) > 0);
}

TEST_CASE("the break goes where it can and says where it is", "[abi]") {
    MemoryCalls f;
    const auto start = static_cast<std::int32_t>(CallsFixture::break_start.value());
    CHECK(f.call(__NR_brk, 0) == start);
    CHECK(f.call(__NR_brk, start + 5000) == start + 5000);
    CHECK(f.call(__NR_brk, 0x5FFFFFFF) == start + 5000);
    CHECK(f.call(__NR_brk, start) == start);
}

TEST_CASE("advice and questions about memory look at their arguments first", "[abi]") {
    MemoryCalls f;
    const std::int32_t at = f.map2(0x20000000, 2 * page, readable, anonymous);
    CHECK(f.call(__NR_madvise, at, page, 77) == -EINVAL);
    CHECK(f.call(__NR_madvise, at + 1, page, MADV_DONTNEED) == -EINVAL);
    CHECK(f.call(__NR_madvise, at, 0xFFFFFFFF, MADV_DONTNEED) == -EINVAL);
    CHECK(f.call(__NR_madvise, at, 0, MADV_DONTNEED) == 0);
    CHECK(f.call(__NR_madvise, at, 3 * page, MADV_HUGEPAGE) == -ENOMEM);
    CHECK(f.call(__NR_madvise, at, 2 * page, MADV_POPULATE_WRITE) == 0);
    const VirtAddr bytes = f.next(8);
    CHECK(f.call(__NR_mincore, at + 1, page, bytes) == -EINVAL);
    CHECK(f.call(__NR_mincore, at, 2 * page, bytes) == 0);
    CHECK(f.get<std::uint8_t>(bytes) == 1);
    CHECK(f.get<std::uint8_t>(bytes + 1) == 1);
    CHECK(f.call(__NR_mincore, at, 2 * page, 0x10) == -EFAULT);
    CHECK(f.call(__NR_mincore, at, 3 * page, bytes) == -ENOMEM);
    CHECK(f.call(__NR_mincore, 0x5F000000, 0x70000000, bytes) == -ENOMEM);
    CHECK(f.call(__NR_msync, at, page, MS_SYNC | MS_ASYNC) == -EINVAL);
    CHECK(f.call(__NR_msync, at, page, 64) == -EINVAL);
    CHECK(f.call(__NR_msync, at + 1, page, MS_SYNC) == -EINVAL);
    CHECK(f.call(__NR_msync, at, 3 * page, MS_SYNC) == -ENOMEM);
    CHECK(f.call(__NR_msync, at, 0, MS_SYNC) == 0);
}

TEST_CASE("locking takes the pages that bytes lie in", "[abi]") {
    MemoryCalls f;
    const std::int32_t at = f.map2(0x20000000, 2 * page, readable, anonymous);
    CHECK(f.call(__NR_mlock, at + 4095, 2) == 0);
    CHECK(f.process.space->statistics().locked == 2);
    CHECK(f.call(__NR_munlock, at, 1) == 0);
    CHECK(f.process.space->statistics().locked == 1);
    CHECK(f.call(__NR_mlock, 0xFFFFF000, 0x2000) == -EINVAL);
    CHECK(f.call(__NR_mlock, at, 3 * page) == -ENOMEM);
    CHECK(f.call(__NR_mlock2, at, page, 2) == -EINVAL);
    CHECK(f.call(__NR_mlock2, at, page, MLOCK_ONFAULT) == 0);
    CHECK(f.call(__NR_mlockall, 0) == -EINVAL);
    CHECK(f.call(__NR_mlockall, MCL_ONFAULT) == -EINVAL);
    CHECK(f.call(__NR_mlockall, MCL_CURRENT) == 0);
    CHECK(f.call(__NR_munlockall) == 0);
    CHECK(f.process.space->statistics().locked == 0);
}

} // namespace
} // namespace quire
