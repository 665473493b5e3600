// Random numbers for model-based tests: the same for the same seed on every machine.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>

namespace quire::test {

class Random {
public:
    explicit Random(std::uint32_t seed) : engine_(seed) {}

    std::uint32_t operator()() { return static_cast<std::uint32_t>(engine_()); }
    // 0 … limit - 1.
    std::uint32_t below(std::uint32_t limit) { return (*this)() % limit; }
    // True once in `n` times.
    bool once_in(std::uint32_t n) { return below(n) == 0; }

private:
    std::mt19937 engine_;
};

// So many steps as a random test is asked for: all of them, or as many per cent as QUIRE_EFFORT in the environment
// says, which ctest sets where sanitizers make each step slow.
[[nodiscard]] inline std::uint64_t effort(std::uint64_t steps) {
    const char* const percent = std::getenv("QUIRE_EFFORT");
    return percent == nullptr ? steps : steps * std::strtoul(percent, nullptr, 10) / 100;
}

} // namespace quire::test
