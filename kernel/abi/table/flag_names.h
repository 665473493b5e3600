// The names of Linux's flags, for strace.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/lib/format.h"

#include <cstdint>

namespace quire::abi {

// "PROT_READ|PROT_WRITE", with what has no name in hexadecimal behind it; "PROT_NONE", or "0", for no flag at all. Only
// for kinds of flags; false, and nothing printed, for other kinds of arguments.
[[nodiscard]] bool print_flags(Sink& sink, ArgumentKind kind, std::uint32_t flags);

} // namespace quire::abi
