// The host's panic(): throws.
#include "tests/host/support/panic.h"

#include "kernel/lib/panic.h"

#include <string>

namespace quire {

void panic(const char* why, const char* file, unsigned line) {
    throw test::Panic(std::string(why) + " (" + file + ":" + std::to_string(line) + ")");
}

} // namespace quire
