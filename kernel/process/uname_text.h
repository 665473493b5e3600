// What the system calls itself where Linux's programs ask: uname, /proc/version, /proc/sys/kernel. The system calls are
// those of this Linux.
#pragma once

#include <string_view>

namespace quire::uname_text {

inline constexpr std::string_view system = "Linux", node = "quire", release = "6.1.0-quire", version = "#1 Quire",
                                  machine = "i686", domain = "(none)";

} // namespace quire::uname_text
