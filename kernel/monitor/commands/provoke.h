// Faults on purpose, one of each kind, for people who want to see what the kernel says about them. Every one runs
// inside an attempt and leaves the kernel as it was.
#pragma once

#include "kernel/torus/torus.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace quire {

struct FaultKind {
    std::string_view name;  // what `fault` takes: "null", "stack-overflow", …
    std::string_view what;  // what is done: "reads through a null pointer"
    std::uint32_t vector;   // the exception that must come
    std::string_view cause; // and the cause that the report must name; empty where the exception says it all
    void (*provoke)(Torus& torus);
};

[[nodiscard]] std::span<const FaultKind> fault_kinds();

// The kind of that name, or null.
[[nodiscard]] const FaultKind* find_fault_kind(std::string_view name);

// Does it; the report is printed. True if the exception came that must come.
[[nodiscard]] bool provoke(const FaultKind& kind, Torus& torus);

} // namespace quire
