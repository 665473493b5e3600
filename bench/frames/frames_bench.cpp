// What a frame costs: free one at random and allocate one, at four fills of 4 GiB, by our allocator and by three other
// schemes, side by side in one run. Prints medians and their ratios to the array stack, the worst single operation,
// how much of what is free lies in whole 4 MiB blocks, and the words that the bitmap touches.
//
// "mixed": right after a random fill, free frames everywhere. "settled": after each live frame was replaced twice.
#include "bench/frames/rivals.h"
#include "kernel/memory/frames/frame_allocator.h"

#include <algorithm>
#include <array>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>
#include <x86intrin.h>

namespace quire::bench {
namespace {

constexpr std::uint32_t frame_count = 1U << 20;
constexpr std::array fills{10U, 50U, 90U, 99U};     // per cent in use
constexpr std::uint32_t most_operations = 1U << 17; // timed at a time
constexpr int repetitions = 9;

// Of a mixed pool only so many that it stays mixed: every allocation takes one of the scattered free frames.
std::uint32_t batch(std::uint32_t percent, bool settled) {
    const std::uint32_t free = frame_count - frame_count / 100 * percent;
    return settled ? most_operations : std::min(most_operations, free / 4);
}

// ---- The contenders, all called alike

// What the harness itself costs: the stack's answers without a stack.
class Nothing {
public:
    explicit Nothing(std::uint32_t /*count*/) {}
    std::uint32_t allocate() { return filled_ < frame_count ? filled_++ : last_; }
    void free(std::uint32_t frame) {
        last_ = frame;
        benchmark::DoNotOptimize(last_);
    }

private:
    std::uint32_t filled_ = 0;
    std::uint32_t last_ = 0;
};

// The summary bitmap alone: lowest frame first, no cache, no owners.
class BitmapAlone {
public:
    explicit BitmapAlone(std::uint32_t count) : words_(FrameBitmap::words_needed(count)), bitmap_(words_, count) {
        ensure(bitmap_.free_run(0, count), "all are taken at first");
    }
    [[gnu::noinline]] std::uint32_t allocate() {
        const std::optional<std::uint32_t> found = bitmap_.find();
        return found && bitmap_.take(*found) ? *found : none;
    }
    [[gnu::noinline]] void free(std::uint32_t frame) { ensure(bitmap_.free(frame), "it was taken"); }

private:
    std::vector<std::uint32_t> words_;
    FrameBitmap bitmap_;
};

// The kernel's allocator, with all its books.
class Quire {
public:
    explicit Quire(std::uint32_t count) : books_(FrameAllocator::metadata_size(count)), frames_(books_, count) {
        ensure(frames_.add_ram({Frame(0), count}).has_value(), "all are absent at first");
    }
    std::uint32_t allocate() {
        const Result<Frame> frame = frames_.allocate(Owner::anonymous);
        return frame ? frame->number() : none;
    }
    void free(std::uint32_t frame) { ensure(frames_.free(Frame(frame)).has_value(), "it was handed out"); }

private:
    std::vector<std::byte> books_;
    FrameAllocator frames_;
};

// ---- The work

// A pool filled at random to so many per cent, and the frames in use in random order.
template <class Pool> class Work {
public:
    explicit Work(std::uint32_t percent) : pool_(frame_count), random_(percent), kept_(frame_count / 100 * percent) {
        live_.reserve(frame_count);
        mix();
    }

    // Takes all that is free and frees as much again, at random.
    void mix() {
        hurry(true);
        while (live_.size() < frame_count) {
            live_.push_back(pool_.allocate());
        }
        while (live_.size() > kept_) {
            std::swap(live_[random_() % live_.size()], live_.back());
            pool_.free(live_.back());
            live_.pop_back();
        }
        hurry(false);
    }

    // Frees a random frame and allocates one.
    void step() {
        state_ = state_ * 1664525U + 1013904223U; // Knuth, TAOCP vol. 2 §3.3.4, table 1
        std::uint32_t& frame = live_[static_cast<std::size_t>((std::uint64_t{state_} * live_.size()) >> 32U)];
        pool_.free(frame);
        frame = pool_.allocate();
    }

    // Replaces every live frame twice, in random order.
    void settle() {
        hurry(true);
        for (int round = 0; round < 2; ++round) {
            std::shuffle(live_.begin(), live_.end(), random_);
            for (std::uint32_t& frame : live_) {
                pool_.free(frame);
                frame = pool_.allocate();
            }
        }
        hurry(false);
    }

    // Per cent of the free frames that lie in wholly free 4 MiB blocks.
    [[nodiscard]] double share_in_whole_blocks() const {
        std::vector<bool> used(frame_count / frames_per_large_page, false);
        for (const std::uint32_t frame : live_) {
            used[frame / frames_per_large_page] = true;
        }
        const auto whole = static_cast<double>(std::count(used.begin(), used.end(), false)) * frames_per_large_page;
        return 100.0 * whole / static_cast<double>(frame_count - live_.size());
    }

private:
    void hurry(bool on) {
        if constexpr (requires { pool_.hurry(on); }) {
            pool_.hurry(on);
        }
    }

    Pool pool_;
    std::mt19937 random_;
    std::size_t kept_;
    std::uint32_t state_ = 1;
    std::vector<std::uint32_t> live_;
};

template <class Pool> void measure(benchmark::State& state, std::uint32_t percent, bool settled) {
    Work<Pool> work(percent);
    if (settled) {
        work.settle();
    }
    const std::uint32_t operations = batch(percent, settled);
    for (auto _ : state) {
        if (!settled) {
            state.PauseTiming();
            work.mix();
            state.ResumeTiming();
        }
        for (std::uint32_t i = 0; i < operations; ++i) {
            work.step();
        }
    }
}

// ---- The worst single operation

// Each free + allocate is timed. The same sequence is run several times and each operation keeps its best time, which
// the noise of other programs spoils only if it hits the same operation every time.
template <class Pool> double worst_nanoseconds(std::uint32_t percent, double ticks_per_nanosecond) {
    std::vector<std::uint64_t> best(batch(99, false), ~std::uint64_t{0});
    for (int run = 0; run < repetitions; ++run) {
        Work<Pool> work(percent);
        for (std::uint64_t& each : best) {
            _mm_lfence();
            const std::uint64_t start = __rdtsc();
            work.step();
            _mm_lfence();
            each = std::min<std::uint64_t>(each, __rdtsc() - start);
        }
    }
    return static_cast<double>(*std::max_element(best.begin(), best.end())) / ticks_per_nanosecond;
}

double measured_ticks_per_nanosecond() {
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t first = __rdtsc();
    while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(50)) {
    }
    const std::uint64_t ticks = __rdtsc() - first;
    const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
    return static_cast<double>(ticks) / elapsed.count();
}

// ---- Words touched

struct Words {
    double mean = 0;
    std::uint64_t most = 0;
};

Words words_touched(std::uint32_t percent) {
    using Counted = BasicFrameBitmap<CountWords>;
    std::vector<std::uint32_t> words(Counted::words_needed(frame_count));
    Counted bitmap(words, frame_count);
    ensure(bitmap.free_run(0, frame_count), "all are taken at first");
    std::mt19937 random(percent);
    std::vector<std::uint32_t> live;
    while (live.size() < std::size_t{frame_count} * percent / 100) {
        const auto frame = static_cast<std::uint32_t>(random() % frame_count);
        if (bitmap.take(frame)) {
            live.push_back(frame);
        }
    }
    Words result;
    const std::uint64_t before = bitmap.counter().touched;
    const std::uint32_t operations = batch(percent, false);
    for (std::uint32_t i = 0; i < operations; ++i) {
        const std::uint64_t start = bitmap.counter().touched;
        std::uint32_t& frame = live[random() % live.size()];
        ensure(bitmap.free(frame), "it was taken");
        frame = bitmap.find().value_or(0);
        ensure(bitmap.take(frame), "it was free");
        result.most = std::max(result.most, bitmap.counter().touched - start);
    }
    result.mean = static_cast<double>(bitmap.counter().touched - before) / operations;
    return result;
}

// ---- The report

struct Contender {
    const char* name;
    std::function<void(benchmark::State&, std::uint32_t, bool)> measure;
    std::function<double(std::uint32_t, double)> worst;
    std::function<double(std::uint32_t)> share; // empty for the harness alone, which keeps nothing
};

template <class Pool> double share_when_settled(std::uint32_t percent) {
    Work<Pool> work(percent);
    work.settle();
    return work.share_in_whole_blocks();
}

template <class Pool> Contender contender(const char* name) {
    return {name, measure<Pool>, worst_nanoseconds<Pool>, share_when_settled<Pool>};
}

std::vector<Contender> contenders() {
    return {{"harness alone", measure<Nothing>, worst_nanoseconds<Nothing>, nullptr},
            contender<ArrayStack>("array stack"),
            contender<Quire>("FrameAllocator"),
            contender<BitmapAlone>("FrameBitmap alone"),
            contender<ListBuddy>("list buddy"),
            contender<WordScan>("bitmap scan")};
}

std::string key(const char* name, std::uint32_t percent, bool settled) {
    return std::string(name) + "/" + std::to_string(percent) + (settled ? "/settled" : "/mixed");
}

// Keeps the time of every repetition.
class Collector : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context& /*context*/) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.run_type == Run::RT_Iteration) {
                times_[run.run_name.function_name].push_back(run.GetAdjustedCPUTime());
            }
        }
    }
    [[nodiscard]] double median(const std::string& name) {
        std::vector<double>& times = times_[name];
        std::sort(times.begin(), times.end());
        return times.empty() ? 0 : times[times.size() / 2];
    }

private:
    std::map<std::string, std::vector<double>> times_;
};

void print_header(const char* title) {
    std::printf("\n%s\n%-18s", title, "per cent in use");
    for (const std::uint32_t percent : fills) {
        std::printf(" %14u", percent);
    }
    std::printf("\n");
}

void print_times(Collector& collector, const std::vector<Contender>& all, bool settled) {
    print_header(settled ? "free + allocate, settled: ns, and times the array stack"
                         : "free + allocate, mixed: ns, and times the array stack");
    for (const Contender& each : all) {
        std::printf("%-18s", each.name);
        for (const std::uint32_t percent : fills) {
            const double time = collector.median(key(each.name, percent, settled)) / batch(percent, settled);
            const double stack = collector.median(key("array stack", percent, settled)) / batch(percent, settled);
            std::printf(" %8.1f %4.1fx", time, time / stack);
        }
        std::printf("\n");
    }
}

void print_worst(const std::vector<Contender>& all) {
    const double ticks_per_nanosecond = measured_ticks_per_nanosecond();
    print_header("worst single free + allocate, mixed: ns, reading the clock included");
    for (const Contender& each : all) {
        std::printf("%-18s", each.name);
        for (const std::uint32_t percent : fills) {
            std::printf(" %14.0f", each.worst(percent, ticks_per_nanosecond));
        }
        std::printf("\n");
    }
}

void print_shares(const std::vector<Contender>& all) {
    print_header("free memory in whole 4 MiB blocks, settled: per cent");
    std::printf("%-18s", "most possible");
    for (const std::uint32_t percent : fills) {
        const std::uint32_t free = frame_count - frame_count / 100 * percent;
        std::printf(" %14.1f", 100.0 * (free - free % frames_per_large_page) / free);
    }
    std::printf("\n");
    for (const Contender& each : all) {
        if (each.share) {
            std::printf("%-18s", each.name);
            for (const std::uint32_t percent : fills) {
                std::printf(" %14.1f", each.share(percent));
            }
            std::printf("\n");
        }
    }
}

void print_words() {
    print_header("words of FrameBitmap touched by a free, a find and a take, mixed: mean, most");
    std::printf("%-18s", "FrameBitmap");
    for (const std::uint32_t percent : fills) {
        const Words words = words_touched(percent);
        std::printf(" %9.2f %4llu", words.mean, static_cast<unsigned long long>(words.most));
    }
    std::printf("\n");
}

} // namespace
} // namespace quire::bench

int main(int argc, char** argv) {
    using namespace quire::bench;
    // Repetitions of all contenders are mixed, so that a slow minute of the machine hits all alike.
    std::vector<char*> arguments(argv, argv + argc);
    std::string interleave = "--benchmark_enable_random_interleaving=true";
    arguments.insert(arguments.begin() + 1, interleave.data());
    int count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) {
        return 1;
    }
    const std::vector<Contender> all = contenders();
    for (const Contender& each : all) {
        for (const std::uint32_t percent : fills) {
            for (const bool settled : {false, true}) {
                benchmark::RegisterBenchmark(key(each.name, percent, settled).c_str(), each.measure, percent, settled)
                    ->Iterations(settled ? 8 : std::max(2U, 16'384 / batch(percent, settled)))
                    ->Repetitions(repetitions);
            }
        }
    }
    Collector collector;
    benchmark::RunSpecifiedBenchmarks(&collector);
    std::printf("%u frames (4 GiB); medians of %d runs\n", frame_count, repetitions);
    print_times(collector, all, false);
    print_times(collector, all, true);
    print_worst(all);
    print_shares(all);
    print_words();
}
