// The strings that textbooks and lectures use, with the faults that each policy must have. First loads are counted;
// Clock's bit is set by the touch that brings a page.
#include "kernel/memory/replacement/clock.h"
#include "kernel/memory/replacement/fifo.h"
#include "kernel/memory/replacement/lru.h"
#include "tests/host/support/paging_model.h"

#include <catch2/catch.hpp>
#include <cctype>
#include <string_view>
#include <vector>

using namespace quire;
using namespace quire::test;

namespace {

std::vector<ModelPage> touches_of(std::string_view text) {
    std::vector<ModelPage> touches;
    for (const char c : text) {
        if (c != ' ') {
            touches.push_back(static_cast<ModelPage>(c - '0'));
        }
    }
    return touches;
}

std::uint64_t faults_of(PagingModel& model, const std::vector<ModelPage>& touches) {
    for (const ModelPage page : touches) {
        model.touch(page);
    }
    return model.faults();
}

template <class Policy> std::uint64_t faults(const std::vector<ModelPage>& touches, std::uint32_t frames) {
    const FramesOfModel memory(frames);
    Policy policy(memory.records());
    PagingModel model(memory.records(), policy, 10);
    return faults_of(model, touches);
}

struct Row {
    std::string_view touches;
    std::uint32_t frames;
    std::uint64_t optimum, fifo, lru, clock;
};

constexpr std::string_view textbook = "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1";
constexpr std::string_view anomaly = "1 2 3 4 1 2 5 1 2 3 4 5";
constexpr std::string_view long_one = "1 2 3 4 2 1 5 6 2 1 2 3 7 6 3 2 1 2 3 6";
constexpr std::string_view against_lru = "7 2 3 1 2 5 3 4 6 7 7 1 0 5 4 6 2 3 0 1";
constexpr std::string_view runs = "0 2 1 3 5 4 6 3 7 4 7 3 3 5 5 3 1 1 1 7 2 3 4 1";

constexpr Row rows[] = {
    {textbook, 3, 9, 15, 12, 14},
    {textbook, 4, 8, 10, 8, 9},
    {anomaly, 3, 7, 9, 10, 9},
    {anomaly, 4, 6, 10, 8, 10},
    {"2 3 2 1 5 2 4 5 3 2 5 2", 3, 6, 9, 7, 8},
    {"0 1 2 0 1 3 0 3 1 2 1", 3, 5, 7, 5, 7},
    {long_one, 2, 15, 18, 18, 18},
    {long_one, 3, 11, 16, 15, 16},
    {long_one, 4, 8, 14, 10, 14},
    {long_one, 5, 7, 10, 8, 9},
    {long_one, 6, 7, 10, 7, 8},
    {long_one, 7, 7, 7, 7, 7},
    {against_lru, 3, 13, 17, 18, 18},
    {runs, 4, 10, 13, 13, 14},
    {runs, 5, 9, 12, 11, 12},
};

} // namespace

TEST_CASE("the strings of the textbooks have the faults that they must have", "[replacement]") {
    for (const Row& row : rows) {
        CAPTURE(row.touches, row.frames);
        const std::vector<ModelPage> touches = touches_of(row.touches);
        CHECK(optimal_faults(touches, row.frames) == row.optimum);
        CHECK(faults<FifoPolicy>(touches, row.frames) == row.fifo);
        CHECK(faults<LruPolicy>(touches, row.frames) == row.lru);
        CHECK(faults<ClockPolicy>(touches, row.frames) == row.clock);
    }
}

TEST_CASE("more memory can cost FIFO more faults, and never LRU", "[replacement]") {
    const std::vector<ModelPage> touches = touches_of(anomaly);
    CHECK(faults<FifoPolicy>(touches, 4) > faults<FifoPolicy>(touches, 3));
    for (const Row& row : rows) {
        for (std::uint32_t frames = 1; frames < 9; ++frames) {
            const std::vector<ModelPage> each = touches_of(row.touches);
            CHECK(faults<LruPolicy>(each, frames + 1) <= faults<LruPolicy>(each, frames));
        }
    }
}
