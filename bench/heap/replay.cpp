// The replay loop, in three forms: untimed with a look at memory, timed as a whole, and timed call by call.
#include "bench/heap/replay.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>

namespace quire::bench {
namespace {

constexpr std::size_t page = 4096;
constexpr int warm_replays = 3;

struct Slot {
    std::byte* block;
    std::size_t bytes;
};

// Memory that no heap gave.
template <class T> std::span<T> map_zeroed(std::size_t count) {
    void* const at =
        mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (at == MAP_FAILED) {
        throw std::runtime_error("mmap");
    }
    return {static_cast<T*>(at), count};
}

// Writes a word at the start of the block and one in each further page.
void touch(const Slot& slot) {
    for (std::size_t at = 0; at + sizeof(std::size_t) <= slot.bytes; at += page) {
        std::memcpy(slot.block + at, &slot.bytes, sizeof slot.bytes);
    }
}

// Reads what touch() wrote first; wrong content would make the run worthless.
void check(const Slot& slot) {
    std::size_t written = slot.bytes;
    if (slot.bytes >= sizeof written) {
        std::memcpy(&written, slot.block, sizeof written);
    }
    if (written != slot.bytes) {
        std::fputs("a block has lost its content\n", stderr);
        std::abort();
    }
}

void* checked(void* block) {
    if (block == nullptr) {
        std::fputs("out of memory\n", stderr);
        std::abort();
    }
    return block;
}

// Plays every event; `around(call)` runs each call of the heap.
template <class Around> void play(const Trace& trace, const Heap& heap, std::span<Slot> slots, Around&& around) {
    for (const Event& event : trace.events) {
        Slot& slot = slots[event.slot()];
        switch (event.operation()) {
        case Operation::allocate:
            slot.bytes = event.bytes();
            around([&] { slot.block = static_cast<std::byte*>(checked(heap.allocate(event.bytes()))); });
            touch(slot);
            break;
        case Operation::free:
            check(slot);
            around([&] { heap.free(slot.block); });
            break;
        case Operation::reallocate: {
            check(slot);
            around([&] { slot.block = static_cast<std::byte*>(checked(heap.reallocate(slot.block, event.bytes()))); });
            slot.bytes = event.bytes();
            touch(slot);
            break;
        }
        }
    }
}

// Bytes of this process that are in memory.
std::size_t resident() {
    static const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    std::array<char, 128> text{};
    if (pread(file, text.data(), text.size() - 1, 0) <= 0) {
        throw std::runtime_error("/proc/self/statm");
    }
    char* after_size = nullptr;
    std::strtoul(text.data(), &after_size, 10);
    return std::strtoul(after_size, nullptr, 10) * page;
}

std::uint64_t cycles() {
    unsigned processor = 0;
    _mm_lfence();
    const std::uint64_t at = __rdtscp(&processor);
    _mm_lfence();
    return at;
}

double seconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Time this process has run: others on the machine do not count.
double now() {
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double cycles_per_nanosecond() {
    const double from = seconds(CLOCK_MONOTONIC);
    const std::uint64_t first = cycles();
    while (seconds(CLOCK_MONOTONIC) - from < 0.05) {
    }
    return static_cast<double>(cycles() - first) / ((seconds(CLOCK_MONOTONIC) - from) * 1e9);
}

// Counts of durations in cycles; what is longer than all of them is kept apart.
class Histogram {
public:
    void add(std::uint64_t duration) {
        ++counts_[std::min<std::uint64_t>(duration, counts_.size() - 1)];
        longest_ = std::max(longest_, duration);
        ++total_;
    }
    [[nodiscard]] double quantile(double share) const {
        const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(total_));
        std::uint64_t seen = 0;
        for (std::size_t duration = 0; duration < counts_.size(); ++duration) {
            seen += counts_[duration];
            if (seen > rank) {
                return static_cast<double>(duration);
            }
        }
        return static_cast<double>(longest_);
    }
    [[nodiscard]] double longest() const { return static_cast<double>(longest_); }

private:
    std::span<std::uint32_t> counts_ = map_zeroed<std::uint32_t>(1U << 20);
    std::uint64_t longest_ = 0;
    std::uint64_t total_ = 0;
};

double clock_cost() {
    Histogram empty;
    for (int i = 0; i < 10000; ++i) {
        const std::uint64_t from = cycles();
        empty.add(cycles() - from);
    }
    return empty.quantile(0.5);
}

} // namespace

Measured measure(const Trace& trace, const Heap& heap) {
    Measured result;
    const auto calls = static_cast<double>(trace.events.size());
    const std::span<Slot> slots = map_zeroed<Slot>(trace.slots);
    Histogram durations;
    const auto plainly = [](auto&& call) { call(); };

    const std::size_t resident_before = resident();
    std::size_t resident_most = resident_before;
    std::size_t count = 0;
    const double cold_from = now();
    play(trace, heap, slots, [&](auto&& call) {
        call();
        if (++count % 1024 == 0) {
            resident_most = std::max(resident_most, resident());
        }
    });
    result.cold_nanoseconds = (now() - cold_from) * 1e9 / calls;
    result.peak_over_live =
        static_cast<double>(resident_most - resident_before) / static_cast<double>(trace.peak_bytes);

    std::array<double, warm_replays> warm{};
    for (double& nanoseconds : warm) {
        const double from = now();
        play(trace, heap, slots, plainly);
        nanoseconds = (now() - from) * 1e9 / calls;
    }
    std::ranges::sort(warm);
    result.nanoseconds = warm[warm_replays / 2];

    play(trace, heap, slots, [&](auto&& call) {
        const std::uint64_t from = cycles();
        call();
        durations.add(cycles() - from);
    });
    const double own = clock_cost();
    const double rate = cycles_per_nanosecond();
    const auto nanoseconds = [&](double in_cycles) { return std::max(0.0, in_cycles - own) / rate; };
    result.median = nanoseconds(durations.quantile(0.5));
    result.p99_9 = nanoseconds(durations.quantile(0.999));
    result.longest = nanoseconds(durations.longest());
    return result;
}

} // namespace quire::bench
