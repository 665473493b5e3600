// Which function serves which system call. docs/system-calls.md says the same in words; a test compares the two.
#pragma once

#include "kernel/abi/arguments.h"
#include "kernel/abi/table/call_names.h"

#include <array>
#include <cstdint>

namespace quire::abi {

// What becomes of a call.
enum class Support : std::uint8_t {
    served,  // by a function of its own
    refused, // always with the same errno, as some Linux would: programs are content with that
    unknown, // ENOSYS, and the console names it once
};

// How one call looks: whether there is anything, and what its arguments are.
struct CallDescription {
    Support support = Support::unknown;
    std::array<ArgumentKind, most_arguments> arguments{};
};

// Indexed by number. Unknown ones have a function, too.
extern const std::array<SystemCall, call_count> call_functions;

// O(1). Any number may be asked about.
[[nodiscard]] CallDescription describe_call(std::uint32_t number);

// What serves a number without a function: names it on the console, once, and answers -ENOSYS.
[[nodiscard]] std::int32_t refuse_unknown(Process& process, machine::TrapFrame& registers);

} // namespace quire::abi
