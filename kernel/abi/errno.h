// From the kernel's errors to Linux's errno values. The one place where the two meet.
#pragma once

#include "kernel/lib/result.h"

#include <cstdint>

namespace quire::abi {

// The errno value, positive, that a program gets for `error`. A call for which Linux has another value changes the
// error before it answers. restart and restart_unless_handled give what system_call_answer has for them
// (system_call_answer.h), which no program sees.
[[nodiscard]] std::int32_t errno_of(Error error);

// What a call returns that ends with the error. Before a program hears that there is no memory, room may be made and
// the call made again: kernel/trap/return_to_user.cpp.
[[nodiscard]] std::int32_t answer_of_failure(Error error);

// "ENOMEM" and so on; "restart" for those two, null for what is no errno value that errno_of gives.
[[nodiscard]] const char* errno_name(std::int32_t number);

} // namespace quire::abi
