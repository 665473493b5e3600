// Lines read, checked, and done again.
#include "tests/host/support/kernel_trace.h"

#include "kernel/memory/replacement/replacement.h"
#include "kernel/memory/replacement/trace.h"

#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace quire::test {

namespace {

// A trace, line by line: each is a word and up to so many more. It sees to the last line.
class Lines {
public:
    Lines(std::istream& from, std::string_view title) : from_(&from) {
        if (!next() || line_.substr(0, title.size()) != title) {
            fail("this is no trace of that kind: it does not begin with \"" + std::string(title) + "\"");
        }
    }

    // False after the last line, which was right.
    bool next() {
        if (at_end_) {
            return false;
        }
        sum_before_ = sum_;
        if (!std::getline(*from_, line_) || from_->eof()) {
            ++number_;
            fail("the trace stops here, without its last line: the rest of it is missing");
        }
        ++number_;
        for (const char c : line_) {
            sum_ = trace_sum(sum_, c);
        }
        sum_ = trace_sum(sum_, '\n');
        split();
        if (word(0) == "end") {
            check_end();
        }
        return !at_end_;
    }

    [[noreturn]] void fail(const std::string& why) const {
        throw std::runtime_error("line " + std::to_string(number_) + ": " + why);
    }
    [[nodiscard]] std::uint64_t count() const { return number_; }
    [[nodiscard]] std::size_t words() const { return words_.size(); }
    [[nodiscard]] std::string_view word(std::size_t at) const {
        if (at >= words_.size()) {
            fail("a word is missing in \"" + line_ + "\"");
        }
        return words_[at];
    }
    // Hexadecimal.
    [[nodiscard]] std::uint32_t number(std::size_t at) const {
        const std::string_view text = word(at);
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
        if (error != std::errc() || end != text.data() + text.size()) {
            fail("\"" + std::string(text) + "\" is no number");
        }
        return value;
    }
    void expect_words(std::size_t least, std::size_t most) const {
        if (words() < least || words() > most) {
            fail("\"" + line_ + "\" has a word too few or too many");
        }
    }

private:
    void split() {
        words_.clear();
        const std::string_view text = line_;
        for (std::size_t at = 0; at <= text.size();) {
            const std::size_t end = std::min(text.find(' ', at), text.size());
            words_.push_back(text.substr(at, end - at));
            at = end + 1;
        }
    }

    void check_end() {
        expect_words(3, 3);
        if (number(1) != number_ - 1) {
            fail("there should be " + std::to_string(number(1)) + " lines before this one: some are missing");
        }
        if (number(2) != sum_before_) {
            fail("the sum over all lines before is another: one of them has changed");
        }
        at_end_ = true;
    }

    std::istream* from_;
    std::string line_;
    std::vector<std::string_view> words_;
    std::uint64_t number_ = 0;
    std::uint32_t sum_ = first_trace_sum, sum_before_ = first_trace_sum;
    bool at_end_ = false;
};

std::optional<Departure> departure_in(const Lines& lines, std::size_t at) {
    return lines.words() > at ? std::optional(Departure::at(lines.number(at))) : std::nullopt;
}

// Answers what the kernel's pager answered, and insists that it is asked the same.
class RecordedUses final : public PageUses {
public:
    explicit RecordedUses(Lines& lines, Replayed& replayed) : lines_(&lines), replayed_(&replayed) {}
    Use use_since_last(Frame frame) override { return answer(frame); }
    Use use_so_far(Frame frame) override { return answer(frame); }

private:
    Use answer(Frame frame) {
        if (!lines_->next() || lines_->word(0) != "see" || lines_->number(1) != frame.number()) {
            lines_->fail("the policy looks at frame " + std::to_string(frame.number()) + " here, and did not then");
        }
        ++replayed_->looks;
        lines_->expect_words(3, 3);
        for (const Use use : {Use::gone, Use::stays, Use::unused, Use::used}) {
            if (name_of(use) == lines_->word(2)) {
                return use;
            }
        }
        lines_->fail("\"" + std::string(lines_->word(2)) + "\" is no use of a page");
    }

    Lines* lines_;
    Replayed* replayed_;
};

class Replay {
public:
    explicit Replay(std::istream& trace) : lines_(trace, decisions_title) {
        lines_.expect_words(5, 5);
        frames_ = lines_.number(4);
        constexpr std::uint32_t most_frames = 1U << 20U;
        if (lines_.word(3) != "frames" || frames_ < 2 || frames_ > most_frames) {
            lines_.fail("the number of frames is missing, or none that a machine has");
        }
    }

    Replayed run() {
        while (lines_.next()) {
            repeat();
        }
        if (!state_) {
            lines_.fail("no policy is named");
        }
        replayed_.lines = lines_.count();
        return std::move(replayed_);
    }

private:
    // A policy with its queues, from what a line and those behind it say.
    struct State {
        explicit State(std::uint32_t frames) : memory(frames - 1), replacement(memory.records()) {}
        FramesOfModel memory;
        Replacement replacement;
    };

    [[nodiscard]] PageReplacer& policy() { return state_->replacement.current(); }
    [[nodiscard]] Frame frame(std::size_t at) const {
        const std::uint32_t number = lines_.number(at);
        if (number == 0 || number >= frames_) {
            lines_.fail("there is no such frame: " + std::string(lines_.word(at)));
        }
        return Frame(number);
    }

    void repeat() {
        const std::string_view what = lines_.word(0);
        if (what == "policy") {
            begin();
        } else if (!state_) {
            lines_.fail("no policy was named before");
        } else if (what == "in") {
            put_in_queue();
        } else if (what == "load") {
            lines_.expect_words(2, 3);
            policy().loaded(frame(1), departure_in(lines_, 2));
            ++replayed_.loaded;
        } else if (what == "choose") {
            choose();
        } else {
            lines_.expect_words(2, 2);
            repeat_for(what, frame(1));
        }
    }

    void repeat_for(std::string_view what, Frame frame) {
        if (what == "keep") {
            policy().adopt(frame);
        } else if (what == "touch") {
            policy().touched(frame);
            ++replayed_.touched;
        } else if (what == "cold") {
            policy().make_cold(state_->memory.records(), frame);
        } else if (what == "table" || what == "leave") {
            state_->memory.records().leave_queue(frame);
        } else {
            lines_.fail("\"" + std::string(what) + "\" is nothing that happens");
        }
    }

    void begin() {
        state_ = std::make_unique<State>(frames_);
        const auto named = std::ranges::find(Replacement::all_policies, lines_.word(1),
                                             [](ReplacementPolicy each) { return name_of(each); });
        if (named == Replacement::all_policies.end()) {
            lines_.fail("there is no policy \"" + std::string(lines_.word(1)) + "\"");
        }
        state_->replacement.use(*named);
        std::size_t at = 2;
        for (std::uint32_t* word : policy().state()) {
            if (word != nullptr) {
                *word = lines_.number(at++);
            }
        }
        lines_.expect_words(at, at);
    }

    void put_in_queue() {
        lines_.expect_words(4, 4);
        const FrameRecords records = state_->memory.records();
        const std::uint32_t queue = lines_.number(1);
        const std::uint32_t value = lines_.number(3);
        if (queue >= FrameRecords::queues || value > 0xFF || records.in_ring(frame(2))) {
            lines_.fail("the frame is in a queue already, or the queue is none");
        }
        records.join_queue(queue, records.queue(queue), frame(2));
        records.mark(frame(2)).value = static_cast<std::uint8_t>(value);
    }

    void choose() {
        lines_.expect_words(1, 1);
        RecordedUses uses(lines_, replayed_);
        const std::optional<Victim> victim = policy().choose(uses);
        ++replayed_.choices;
        if (!lines_.next() || lines_.word(0) != (victim ? "go" : "none")) {
            lines_.fail(victim ? "a page goes here, and none did then" : "no page can go here, and one did then");
        }
        if (!victim) {
            return;
        }
        lines_.expect_words(2, 3);
        if (frame(1) != victim->frame) {
            lines_.fail("frame " + std::to_string(victim->frame.number()) + " goes here, and another did then");
        }
        const std::optional<Departure> departure = departure_in(lines_, 2);
        if (departure.has_value() != victim->departure.has_value() ||
            (departure && departure->time() != victim->departure->time())) {
            lines_.fail("the departure is another one");
        }
        replayed_.victims.push_back(victim->frame.number());
    }

    Lines lines_;
    std::uint32_t frames_ = 0;
    std::unique_ptr<State> state_;
    Replayed replayed_;
};

} // namespace

Replayed replay_decisions(std::istream& trace) {
    return Replay(trace).run();
}

// The page of a directory that was emptied is another one when it is touched again.
Accesses read_accesses(std::istream& trace) {
    Lines lines(trace, accesses_title);
    lines.expect_words(3, 3);
    std::map<std::uint32_t, std::map<std::uint32_t, ModelPage>> numbers; // by directory and page
    Accesses accesses;
    while (lines.next()) {
        if (lines.word(0) == "empty") {
            lines.expect_words(2, 2);
            numbers.erase(lines.number(1));
        } else if (lines.word(0) == "touch") {
            lines.expect_words(3, 3);
            const auto [found, is_new] = numbers[lines.number(1)].try_emplace(lines.number(2), accesses.pages);
            accesses.pages += is_new ? 1U : 0U;
            accesses.touches.push_back(found->second);
        } else {
            lines.fail("\"" + std::string(lines.word(0)) + "\" is nothing that happens");
        }
    }
    return accesses;
}

} // namespace quire::test
