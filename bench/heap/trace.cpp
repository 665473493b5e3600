// Reads, converts and makes traces.
#include "bench/heap/trace.h"

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <random>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace quire::bench {
namespace {

// A file's content, mapped for good.
std::span<const std::byte> map_file(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (file < 0 || fstat(file, &status) != 0 || status.st_size == 0) {
        throw std::runtime_error("cannot read " + path);
    }
    const auto bytes = static_cast<std::size_t>(status.st_size);
    void* const at = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    close(file);
    if (at == MAP_FAILED) {
        throw std::runtime_error("cannot map " + path);
    }
    return {static_cast<const std::byte*>(at), bytes};
}

template <class T> std::span<const T> map_array(const std::string& path) {
    const std::span<const std::byte> bytes = map_file(path);
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

void save(const std::string& path, const std::vector<Event>& events) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(events.data()),
               static_cast<std::streamsize>(events.size() * sizeof(Event)));
    if (!file) {
        throw std::runtime_error("cannot write " + path);
    }
}

// Gives each live address a slot; the slot freed last is used first.
class Slots {
public:
    std::uint32_t enter(std::uint64_t address) {
        std::uint32_t slot = next_;
        if (free_.empty()) {
            ++next_;
        } else {
            slot = free_.back();
            free_.pop_back();
        }
        live_[address] = slot;
        return slot;
    }
    [[nodiscard]] bool known(std::uint64_t address) const { return live_.contains(address); }
    std::uint32_t leave(std::uint64_t address) {
        const std::uint32_t slot = live_.at(address);
        live_.erase(address);
        free_.push_back(slot);
        return slot;
    }
    // The block of a slot has moved.
    std::uint32_t move(std::uint64_t from, std::uint64_t to) {
        const std::uint32_t slot = live_.at(from);
        live_.erase(from);
        live_[to] = slot;
        return slot;
    }
    [[nodiscard]] const std::unordered_map<std::uint64_t, std::uint32_t>& live() const { return live_; }

private:
    std::unordered_map<std::uint64_t, std::uint32_t> live_;
    std::vector<std::uint32_t> free_;
    std::uint32_t next_ = 0;
};

} // namespace

void convert(const std::string& raw_path, const std::string& path) {
    Slots slots;
    std::vector<Event> events;
    for (const RawEvent& raw : map_array<RawEvent>(raw_path)) {
        if (raw.operation == Operation::free) {
            if (slots.known(raw.address)) {
                events.emplace_back(Operation::free, slots.leave(raw.address), 0);
            }
        } else if (raw.operation == Operation::reallocate && slots.known(raw.previous)) {
            events.emplace_back(Operation::reallocate, slots.move(raw.previous, raw.address), raw.bytes);
        } else if (!slots.known(raw.address)) {
            events.emplace_back(Operation::allocate, slots.enter(raw.address), raw.bytes);
        }
    }
    for (const auto& [address, slot] : slots.live()) {
        events.emplace_back(Operation::free, slot, 0);
    }
    save(path, events);
}

void make_churn(const std::string& path, std::uint32_t live, std::uint32_t rounds) {
    std::mt19937 random(1);
    // Sizes fall off like those of programs: each doubling half as frequent, from 16 bytes to 64 KiB.
    const auto random_bytes = [&random] {
        const auto doublings =
            static_cast<unsigned>(std::min(12, __builtin_ctz(static_cast<unsigned>(random()) | (1U << 12))));
        const std::uint32_t base = 16U << doublings;
        return (base + static_cast<std::uint32_t>(random()) % base);
    };
    std::vector<Event> events;
    for (std::uint32_t slot = 0; slot < live; ++slot) {
        events.emplace_back(Operation::allocate, slot, random_bytes());
    }
    for (std::uint32_t round = 0; round < rounds; ++round) {
        const auto slot = static_cast<std::uint32_t>(random() % live);
        events.emplace_back(Operation::free, slot, 0);
        events.emplace_back(Operation::allocate, slot, random_bytes());
    }
    for (std::uint32_t slot = 0; slot < live; ++slot) {
        events.emplace_back(Operation::free, slot, 0);
    }
    save(path, events);
}

Trace load(const std::string& path) {
    Trace trace{.events = map_array<Event>(path)};
    for (const Event& event : trace.events) {
        trace.slots = std::max(trace.slots, event.slot() + 1);
    }
    // Allocated by mmap, so that the heap under test is as it was.
    const std::size_t bytes = trace.slots * sizeof(std::uint32_t);
    auto* const sizes =
        static_cast<std::uint32_t*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    std::uint64_t live = 0;
    std::uint64_t asked = 0;
    std::uint64_t requests = 0;
    for (const Event& event : trace.events) {
        live -= sizes[event.slot()];
        sizes[event.slot()] = event.bytes();
        live += event.bytes();
        asked += event.bytes();
        requests += event.operation() == Operation::free ? 0U : 1U;
        trace.peak_bytes = std::max(trace.peak_bytes, live);
    }
    trace.mean_bytes = requests == 0 ? 0 : asked / requests;
    munmap(sizes, bytes);
    return trace;
}

} // namespace quire::bench
