// Each policy beside one that says the same in the plainest way, and any policy among frames that come, go and are
// taken unnoticed.
#include "kernel/memory/replacement/replacement.h"
#include "tests/host/support/paging_model.h"
#include "tests/host/support/random.h"
#include "tests/host/support/require_audit.h"
#include "tests/host/support/string_sink.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

using namespace quire;
using namespace quire::test;

namespace {

constexpr std::uint32_t pages = 60;

// What the plain policies have in common: which pages are resident, whether they were used.
class Plain {
public:
    explicit Plain(std::uint32_t frames) : frames_(frames), used(pages) {}
    virtual ~Plain() = default;
    Plain(const Plain&) = delete;
    Plain& operator=(const Plain&) = delete;

    // The page that went for it, if one did.
    std::optional<ModelPage> touch(ModelPage page) {
        std::optional<ModelPage> gone;
        if (!resident.contains(page)) {
            if (resident.size() == frames_) {
                gone = choose();
                resident.erase(*gone);
            }
            resident.insert(page);
            came(page);
        } else {
            was_touched(page);
        }
        used[page] = true;
        return gone;
    }

protected:
    virtual ModelPage choose() = 0;
    virtual void came(ModelPage page) = 0;
    virtual void was_touched(ModelPage /*page*/) {}
    bool take_use(ModelPage page) {
        const bool was = used[page];
        used[page] = false;
        return was;
    }
    [[nodiscard]] std::uint32_t frames() const { return frames_; }

private:
    std::uint32_t frames_;

protected:
    std::set<ModelPage> resident;
    std::vector<bool> used;
};

class PlainFifo : public Plain {
public:
    using Plain::Plain;

protected:
    ModelPage choose() override {
        const ModelPage page = queue.front();
        queue.pop_front();
        return page;
    }
    void came(ModelPage page) override { queue.push_back(page); }
    std::deque<ModelPage> queue;
};

class PlainLru final : public PlainFifo {
public:
    using PlainFifo::PlainFifo;

private:
    void was_touched(ModelPage page) override {
        std::erase(queue, page);
        queue.push_back(page);
    }
};

// A dial that does not move, and a hand that does.
class PlainClock final : public Plain {
public:
    explicit PlainClock(std::uint32_t frames) : Plain(frames), dial_(frames) {}

private:
    ModelPage choose() override {
        while (take_use(dial_[hand_])) {
            hand_ = (hand_ + 1) % frames();
        }
        return dial_[hand_];
    }
    void came(ModelPage page) override {
        dial_[hand_] = page;
        hand_ = (hand_ + 1) % frames();
    }

    std::vector<ModelPage> dial_;
    std::uint32_t hand_ = 0;
};

// One list with a hand in it, as the paper has it, and lists of what went.
class PlainAdaptiveSieve final : public Plain {
public:
    using Plain::Plain;

private:
    ModelPage choose() override {
        for (const ModelPage page : fresh_) {
            take_use(page);
        }
        fresh_.clear();
        if (++in_interval_ >= std::max(frames() / 8, 8U)) {
            const std::uint32_t length = std::max(frames() / 8, 8U);
            in_loop_ = in_loop_ ? steady_ >= length / 2 : steady_ >= length - length / 8;
            in_interval_ = steady_ = 0;
        }
        while (true) {
            if (hand_ == list_.size()) {
                hand_ = 0;
            }
            const ModelPage page = list_[hand_];
            const bool spared = take_use(page);
            if (!spared && !wanted_back_.contains(page)) {
                list_.erase(list_.begin() + static_cast<std::ptrdiff_t>(hand_));
                hand_ = hand_ == list_.size() ? 0 : hand_;
                departures_.push_back(page);
                return page;
            }
            wanted_back_.erase(page);
            ++hand_;
        }
    }
    void came(ModelPage page) override {
        note_distance(page);
        fresh_.push_back(page);
        if (in_loop_ && ++came_in_loop_ % 16 != 0) {
            list_.insert(list_.begin() + static_cast<std::ptrdiff_t>(hand_), page);
        } else {
            list_.push_back(page);
        }
    }
    // By the list of all that ever went.
    void note_distance(ModelPage page) {
        const auto last = std::find(departures_.rbegin(), departures_.rend(), page);
        if (last == departures_.rend()) {
            return;
        }
        const auto distance = last - departures_.rbegin();
        const auto difference = distance > last_distance_ ? distance - last_distance_ : last_distance_ - distance;
        last_distance_ = distance;
        if (distance >= std::max(frames() / 32, 4U) && difference <= std::max(frames() / 64, 1U)) {
            ++steady_;
        } else if (!in_loop_ && distance < std::max(frames() / 16, 4U)) {
            wanted_back_.insert(page);
        }
    }

    std::vector<ModelPage> list_; // the oldest first
    std::size_t hand_ = 0;
    std::vector<ModelPage> fresh_, departures_;
    std::set<ModelPage> wanted_back_;
    std::ptrdiff_t last_distance_ = 0;
    std::uint32_t steady_ = 0, in_interval_ = 0, came_in_loop_ = 0;
    bool in_loop_ = false;
};

// 2Q by lists.
class PlainTwoQueue final : public Plain {
public:
    using Plain::Plain;

private:
    ModelPage choose() override {
        if (first_.size() > frames() / 4 || main_.empty()) {
            const ModelPage page = first_.front();
            first_.pop_front();
            went_[page] = departures_++;
            return page;
        }
        while (take_use(main_.front())) {
            main_.push_back(main_.front());
            main_.pop_front();
        }
        const ModelPage page = main_.front();
        main_.pop_front();
        went_.erase(page);
        return page;
    }
    void came(ModelPage page) override {
        const auto went = went_.find(page);
        const bool soon = went != went_.end() && departures_ - went->second < (first_.size() + main_.size()) / 2;
        (soon ? main_ : first_).push_back(page);
    }

    std::deque<ModelPage> first_, main_;
    std::map<ModelPage, std::size_t> went_; // the how manieth departure from the first queue it was
    std::size_t departures_ = 0;
};

// Ages by page, and the frames in the order in which the hand passes them.
class PlainAging final : public Plain {
public:
    explicit PlainAging(std::uint32_t frames) : Plain(frames), in_frame_(frames) {
        for (std::uint32_t frame = 0; frame != frames; ++frame) {
            free_.push_back(frame);
        }
    }

private:
    struct Age {
        std::uint32_t age;
        std::uint64_t since; // when it became so old
    };
    ModelPage choose() override {
        // Frame 0 is nobody's.
        for (std::uint32_t passed = 0, looked = 0; passed != 64 && looked != 8; ++passed) {
            const std::uint32_t frame = hand_;
            hand_ = (hand_ + 1) % (frames() + 1);
            if (frame != 0 && in_frame_[frame - 1]) {
                ++looked;
                make_older(*in_frame_[frame - 1]);
            }
        }
        while (true) {
            const auto lowest = std::min_element(ages_.begin(), ages_.end(), [](const auto& one, const auto& other) {
                return std::pair(one.second.age, one.second.since) < std::pair(other.second.age, other.second.since);
            });
            const ModelPage page = lowest->first;
            if (!used[page]) {
                ages_.erase(lowest);
                const std::uint32_t frame = frame_of_[page];
                in_frame_[frame] = std::nullopt;
                free_.push_front(frame);
                return page;
            }
            make_older(page);
        }
    }
    void make_older(ModelPage page) { ages_[page] = {ages_[page].age / 2 + (take_use(page) ? 16U : 0U), ++time_}; }
    void came(ModelPage page) override {
        const std::uint32_t frame = free_.front();
        free_.pop_front();
        in_frame_[frame] = page;
        frame_of_[page] = frame;
        ages_[page] = {16, ++time_};
    }

    std::map<ModelPage, Age> ages_;
    std::vector<std::optional<ModelPage>> in_frame_;
    std::map<ModelPage, std::uint32_t> frame_of_;
    std::deque<std::uint32_t> free_;
    std::uint32_t hand_ = 0;
    std::uint64_t time_ = 0;
};

// Loops, pages that are used often, phases, and anything.
ModelPage next_page(Random& random, std::uint32_t step) {
    switch (step / 400 % 4) {
    case 0: return step % 25;
    case 1: return std::min(random.below(pages), random.below(pages));
    case 2: return 30 + random.below(12);
    default: break;
    }
    return random.below(pages);
}

template <class Policy, class PlainPolicy> void compare(std::uint32_t frames, std::uint32_t set = 0) {
    CAPTURE(frames, set);
    const FramesOfModel memory(frames);
    Policy policy(memory.records().of_set(set));
    PagingModel model(memory.records(), policy, pages);
    PlainPolicy plain(frames);
    Random random(frames);
    for (std::uint32_t step = 0; step != 6000; ++step) {
        CAPTURE(step);
        const ModelPage page = next_page(random, step);
        const std::optional<ModelPage> gone = plain.touch(page);
        if (gone) {
            REQUIRE(model.is_resident(*gone));
        }
        model.touch(page);
        REQUIRE(model.is_resident(page));
        if (gone) {
            REQUIRE_FALSE(model.is_resident(*gone));
        }
    }
}

} // namespace

TEST_CASE("each policy chooses what a plain one does", "[replacement]") {
    for (const std::uint32_t frames : {1U, 2U, 3U, 5U, 8U, 16U, 23U, 40U}) {
        compare<FifoPolicy, PlainFifo>(frames);
        compare<LruPolicy, PlainLru>(frames);
        compare<ClockPolicy, PlainClock>(frames);
        compare<AgingPolicy, PlainAging>(frames);
        compare<TwoQueuePolicy, PlainTwoQueue>(frames);
        compare<AdaptiveSieve, PlainAdaptiveSieve>(frames);
    }
}

TEST_CASE("each policy chooses the same by the queues of a set", "[replacement]") {
    for (const std::uint32_t set : {1U, 7U, FrameRecords::most_sets}) {
        compare<FifoPolicy, PlainFifo>(5, set);
        compare<LruPolicy, PlainLru>(8, set);
        compare<ClockPolicy, PlainClock>(16, set);
        compare<TwoQueuePolicy, PlainTwoQueue>(23, set);
        compare<AdaptiveSieve, PlainAdaptiveSieve>(40, set);
    }
}

namespace {

// Every resident page is given up once, and no other but those whose frames were given back.
void check_all_known(Replacement& replacement, PagingModel& model) {
    std::set<ModelPage> known;
    std::vector<Frame> frames;
    while (replacement.current().known() != 0) {
        frames.push_back(replacement.current().give_up());
        if (const std::optional<ModelPage> page = model.page_in(frames.back())) {
            REQUIRE(known.insert(*page).second);
        }
    }
    REQUIRE(known.size() == model.resident());
    REQUIRE(replacement.current().known() == 0);
    for (const Frame frame : frames) {
        replacement.current().adopt(frame);
    }
}

} // namespace

TEST_CASE("every page is known once, and what is chosen can go", "[replacement]") {
    for (const std::uint32_t seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
        constexpr std::uint32_t frames = 24;
        const FramesOfModel memory(frames);
        Replacement replacement(memory.records().of_set(seed / 2)); // for one of the seeds everybody's
        replacement.use(Replacement::all_policies[seed % Replacement::all_policies.size()]);
        PagingModel model(memory.records(), replacement.current(), pages);
        Random random(seed);
        std::uint32_t tables = 0;
        const auto any_resident = [&]() -> std::optional<ModelPage> {
            const ModelPage page = random.below(pages);
            return model.is_resident(page) ? std::optional(page) : std::nullopt;
        };
        for (std::uint32_t step = 0; step != 8000; ++step) {
            CAPTURE(seed, step, replacement.current().name());
            if (random.once_in(12)) {
                if (const auto page = any_resident()) {
                    model.leave(*page);
                }
            } else if (random.once_in(400) && tables < frames / 2 && model.free_frames() != 0) {
                model.take_for_table();
                ++tables;
            } else if (random.once_in(20)) {
                if (const auto page = any_resident()) {
                    model.set_pinned(*page, random.once_in(4));
                }
            } else if (random.once_in(9)) {
                const std::uint32_t before = model.resident();
                const std::optional<ModelPage> gone = model.evict();
                REQUIRE(model.resident() + (gone ? 1 : 0) == before);
            } else if (random.once_in(60)) {
                replacement.use(Replacement::all_policies[random.below(Replacement::all_policies.size())]);
                model.set_policy(replacement.current());
            } else {
                const ModelPage page = random.below(pages);
                if (model.is_resident(page) || model.free_frames() != 0 || model.evict()) {
                    model.touch(page);
                }
            }
            if (step % 7 == 0) {
                require_audit(replacement);
                check_all_known(replacement, model);
            }
        }
    }
}
