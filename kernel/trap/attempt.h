// Trying what may trap. What the kernel does with a trap stands in exception.cpp: it reports it, as much as was asked
// for, and comes out of the attempt; outside of any attempt a trap is a panic.
#pragma once

#include "kernel/machine/trap.h"
#include "kernel/torus/trap_report.h"

#include <memory>
#include <optional>
#include <type_traits>

namespace quire {

// Runs body(argument), and says as much as `report` wants if it traps. Nothing if it came back by itself, else the
// registers at the trap. Attempts nest. What `body` had built is not destroyed.
[[nodiscard]] std::optional<machine::TrapFrame> attempt(TrapReport report, void (*body)(void*), void* argument);

// The same for anything that can be called without arguments.
template <class Body> [[nodiscard]] std::optional<machine::TrapFrame> attempt(TrapReport report, Body&& body) {
    using Callable = std::remove_reference_t<Body>;
    return attempt(
        report, [](void* argument) { (*static_cast<Callable*>(argument))(); },
        const_cast<void*>(static_cast<const void*>(std::addressof(body))));
}

} // namespace quire
