// The ring gives bytes back in order, refuses what does not fit and loses nothing, beside std::deque.
#include "arch/x86/portable/byte_ring.h"
#include "tests/host/support/random.h"

#include <catch2/catch.hpp>
#include <deque>

namespace quire::machine {
namespace {

TEST_CASE("a ring is a queue that refuses what does not fit", "[byte_ring]") {
    test::Random random(1);
    ByteRing<16> ring;
    std::deque<char> model;
    for (int step = 0; step < 100'000; ++step) {
        if (random.once_in(2)) {
            const char byte = static_cast<char>(random());
            const bool fits = model.size() < 16;
            REQUIRE(ring.push(byte) == fits);
            if (fits) {
                model.push_back(byte);
            }
        } else {
            const auto byte = ring.pop();
            REQUIRE(byte.has_value() == !model.empty());
            if (byte) {
                REQUIRE(*byte == model.front());
                model.pop_front();
            }
        }
        REQUIRE(ring.size() == model.size());
        REQUIRE(ring.room() == 16 - model.size());
        REQUIRE(ring.empty() == model.empty());
    }
}

} // namespace
} // namespace quire::machine
