// The kernel's traces (docs/traces.md) read on the host: decisions made again by the policies' own code, and accesses
// as pages that a model touches. A trace that is damaged, or of which a part is missing, is refused: the functions
// throw std::runtime_error, whose text names the line.
#pragma once

#include "tests/host/support/paging_model.h"

#include <cstdint>
#include <istream>
#include <vector>

namespace quire::test {

// What a trace of decisions had, all of which came out as it did in the kernel.
struct Replayed {
    std::uint64_t lines = 0;
    std::uint64_t loaded = 0, touched = 0; // pages
    std::uint64_t choices = 0, looks = 0;
    std::vector<std::uint32_t> victims; // frames, in order
};
[[nodiscard]] Replayed replay_decisions(std::istream& trace);

// The pages of a trace of accesses, numbered by their first touches.
struct Accesses {
    std::vector<ModelPage> touches;
    std::uint32_t pages = 0;
};
[[nodiscard]] Accesses read_accesses(std::istream& trace);

} // namespace quire::test
