// The host's panic(): throws.
#include "tests/host/support/panic.h"

#include "kernel/lib/panic.h"

#include <string>

namespace quire {

void panic(std::string_view why, std::source_location where) {
    throw test::Panic(std::string(why) + " (" + where.file_name() + ":" + std::to_string(where.line()) + ")");
}

} // namespace quire
