// Which pages a program touched, in order. As a file: one number a line, of a page, by the order of first touches; what
// follows a '#' is said to people.
#pragma once

#include <cstdint>
#include <istream>
#include <ostream>
#include <vector>

namespace quire::bench {

struct Trace {
    std::vector<std::uint32_t> touches;
    std::uint32_t pages = 0; // numbered from 0 on
};

// Throws std::runtime_error where a line is no number.
[[nodiscard]] Trace read_trace(std::istream& from);
void write_trace(std::ostream& to, const Trace& trace);

// What valgrind --tool=lackey --trace-mem=yes writes: pages of 4 KiB, one touch where a page is touched several times
// in a row. `most`: after so many touches the rest is left out.
[[nodiscard]] Trace read_lackey(std::istream& from, std::size_t most);

// Leaves out touches that change no decision: a span ends where a page is touched that is not among the last ones, 3 %
// of all, which is half of the least memory that is tried; and of each page's touches in a span the first is kept. The
// order in which pages were touched last, and whether they were touched between two faults, stay as they were for every
// policy that keeps the last ones.
[[nodiscard]] Trace reduced(const Trace& trace);

} // namespace quire::bench
