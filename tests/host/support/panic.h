// On the host a kernel panic is an exception, so that a test can expect one.
#pragma once

#include <stdexcept>

namespace quire::test {

struct Panic : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace quire::test
