// The table of names grows and shrinks with what is in it, finds what is there throughout, and where there is no memory
// it stays as it is and works on.
#include "kernel/fs/vfs/name_table.h"
#include "tests/host/memory/heap/kernel_heap_range.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace quire {
namespace {

struct Entry {
    std::string text;
    Entry* next_in_bucket = nullptr;
    [[nodiscard]] std::uint32_t directory_number() const { return 7; }
    [[nodiscard]] std::string_view name() const { return text; }
};

struct NamesFixture {
    test::HeapRange range{std::size_t{4} << 20U};
    KernelHeap heap{range, range.base(), range.bytes()};
    NameTable<Entry> names{heap};
    std::vector<Entry> entries;

    NamesFixture() {
        for (unsigned each = 0; each < 5000; ++each) {
            entries.push_back({"name" + std::to_string(each)});
        }
        REQUIRE(names.reserve(1));
    }
    void check_found(std::size_t there) {
        for (std::size_t each = 0; each < entries.size(); ++each) {
            REQUIRE(names.find(7, entries[each].text) == (each < there ? &entries[each] : nullptr));
        }
    }
};

TEST_CASE_METHOD(NamesFixture, "NameTable: gives back what many names needed", "[files]") {
    const std::uint32_t at_first = names.buckets();
    for (Entry& each : entries) {
        names.insert(each);
    }
    CHECK(names.buckets() >= entries.size());
    check_found(entries.size());
    for (std::size_t left = entries.size(); left-- > 0;) {
        names.erase(entries[left]);
        REQUIRE(names.buckets() <= std::max<std::size_t>(at_first, 4 * left));
        if (left % 617 == 0) {
            check_found(left);
        }
    }
    CHECK(names.buckets() == at_first);
}

TEST_CASE_METHOD(NamesFixture, "NameTable: works on where there is no memory to grow or to shrink", "[files]") {
    const std::uint32_t at_first = names.buckets();
    heap.trim();
    range.fail_after(0);
    for (Entry& each : entries) {
        names.insert(each);
    }
    CHECK(names.buckets() == at_first);
    check_found(entries.size());
    range.fail_after(test::HeapRange::never);
    names.erase(entries[4999]);
    names.insert(entries[4999]);
    const std::uint32_t grown = names.buckets();
    CHECK(grown > at_first);
    for (std::size_t left = entries.size(); left-- > 1;) {
        heap.trim();
        range.fail_after(0);
        names.erase(entries[left]);
    }
    check_found(1);
    CHECK(names.buckets() == grown);
    range.fail_after(test::HeapRange::never);
    names.erase(entries[0]);
    CHECK(names.buckets() < grown);
}

} // namespace
} // namespace quire
