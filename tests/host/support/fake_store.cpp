// See fake_store.h.
#include "tests/host/support/fake_store.h"

#include "tests/host/support/string_sink.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

namespace quire::test {

FakeStore::FakeStore(BootedTorus& torus, std::uint32_t pages) : torus_(&torus), content_(pages) {
    torus.store = this;
    constexpr std::uint32_t boot_bytes = 1024;
    const std::array<std::uint32_t, 3> head{1, pages - 1, 0};
    std::memcpy(content_[0].data() + boot_bytes, head.data(), sizeof head);
    std::memcpy(content_[0].data() + page_size - 10, "SWAPSPACE2", 10);
}

FakeStore::~FakeStore() {
    CHECK(under_way_.empty());
    torus_->store = nullptr;
}

SwapHeader FakeStore::header() const {
    const PageWords words(reinterpret_cast<const std::uint32_t*>(content_[0].data()), words_per_page);
    StringSink why;
    const Result<SwapHeader> header = read_swap_header(words, pages(), why);
    INFO(why.text());
    REQUIRE(header);
    return *header;
}

void FakeStore::start(PageTransfer& transfer) {
    REQUIRE(transfer.page < pages());
    under_way_.push_back(&transfer);
    if (transfer.direction == PageTransfer::Direction::write) {
        take(transfer);
    }
}

void FakeStore::take(const PageTransfer& transfer) {
    std::memcpy(content_[transfer.page].data(), torus_->machine.ram().at(transfer.frame.start(), page_size), page_size);
}

void FakeStore::end_one(std::size_t number) {
    PageTransfer& transfer = *under_way_.at(number);
    under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(number));
    const bool writes = transfer.direction == PageTransfer::Direction::write;
    ++(writes ? writes_ : reads_);
    if ((writes ? fail_writes : fail_reads).contains(transfer.page)) {
        transfer.transferred(fail(Error::input_output));
        return;
    }
    if (!writes) {
        std::memcpy(torus_->machine.ram().at(transfer.frame.start(), page_size), content_[transfer.page].data(),
                    page_size);
    } else if (writes_ % 2 == 0) {
        take(transfer);
    }
    transfer.transferred({});
}

void FakeStore::end_all() {
    while (!under_way_.empty()) {
        end_one();
    }
}

void FakeStore::end_of(Frame frame) {
    const auto found = std::ranges::find(under_way_, frame, [](const PageTransfer* each) { return each->frame; });
    if (found != under_way_.end()) {
        end_one(static_cast<std::size_t>(found - under_way_.begin()));
    }
}

void FakeStore::change_bit(std::uint32_t page, std::uint32_t bit) {
    content_.at(page)[bit / 8] ^= std::byte{1} << (bit % 8);
}

} // namespace quire::test
