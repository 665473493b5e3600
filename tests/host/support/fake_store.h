// A disk for pages, in the test's own memory: transfers end when the test says so, in the order it likes, well or
// badly.
#pragma once

#include "kernel/memory/swap/page_store.h"
#include "kernel/memory/swap/swap_space.h"
#include "tests/host/support/booted_torus.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace quire::test {

class FakeStore final : public PageStore {
public:
    // Of `pages` pages, the first of which is the header of a swap area.
    FakeStore(BootedTorus& torus, std::uint32_t pages);
    // No transfer is under way.
    ~FakeStore();

    // PageStore
    [[nodiscard]] std::uint32_t pages() const override { return static_cast<std::uint32_t>(content_.size()); }
    void start(PageTransfer& transfer) override;
    void print_name(Sink& sink) const override { print(sink, "/dev/fake"); }

    // What its first page says.
    [[nodiscard]] SwapHeader header() const;

    [[nodiscard]] std::size_t under_way() const { return under_way_.size(); }
    [[nodiscard]] const PageTransfer& transfer(std::size_t number) const { return *under_way_[number]; }
    // The number-th of those under way ends. What is read lands now; what is written was taken when the transfer began
    // or is now, by turns, for a disk does so at any time in between.
    void end_one(std::size_t number = 0);
    // All that are under way, and those that begin meanwhile.
    void end_all();
    // The transfer that moves this frame; nothing where none does.
    void end_of(Frame frame);

    // Pages whose transfers fail from now on.
    std::set<std::uint32_t> fail_reads, fail_writes;
    // One bit of what lies there is another.
    void change_bit(std::uint32_t page, std::uint32_t bit);

    [[nodiscard]] std::uint64_t reads() const { return reads_; }
    [[nodiscard]] std::uint64_t writes() const { return writes_; }

private:
    struct alignas(std::uint32_t) Content : std::array<std::byte, page_size> {};

    void take(const PageTransfer& transfer);

    BootedTorus* torus_;
    std::vector<Content> content_;
    std::vector<PageTransfer*> under_way_;
    std::uint64_t reads_ = 0, writes_ = 0;
};

} // namespace quire::test
