// A program as the address space sees it: it touches memory through the simulated MMU, its faults are resolved, and
// what it was refused is a value.
#pragma once

#include "kernel/memory/space/address_space.h"
#include "tests/host/machine/simulated_machine.h"
#include "tests/host/support/booted_torus.h"

#include <cstdint>
#include <expected>
#include <utility>

namespace quire::test {

inline constexpr quire::Access read_write{.read = true, .write = true};
inline constexpr quire::Access read_only{.read = true};
inline constexpr quire::Access read_execute{.read = true, .execute = true};
inline constexpr quire::Access no_access{};

// The first byte of a page, so many pages behind `first`.
[[nodiscard]] inline VirtAddr page_at(VirtAddr first, std::uint32_t number) {
    return first + number * page_size;
}

class Program {
public:
    // Takes over the reference to `space`.
    Program(BootedTorus& torus, AddressSpace& space) : torus_(&torus), space_(&space) {}
    Program(Program&& other) noexcept : torus_(other.torus_), space_(std::exchange(other.space_, nullptr)) {}
    Program& operator=(Program&&) = delete;
    ~Program() { end(); }

    // A program with nothing mapped; the test fails where there is no memory for it.
    [[nodiscard]] static Program start(BootedTorus& torus);
    [[nodiscard]] Program fork();
    void end();

    [[nodiscard]] AddressSpace& operator*() { return *space_; }
    [[nodiscard]] AddressSpace* operator->() { return space_; }

    // A word read or written, or executed at, by the program. The space is loaded first if it is not. The outcome of
    // the fault that was refused, where one was.
    std::expected<std::uint32_t, FaultOutcome> read(VirtAddr address);
    std::expected<void, FaultOutcome> write(VirtAddr address, std::uint32_t value);
    std::expected<void, FaultOutcome> run(VirtAddr address);
    // The same from outside, as the kernel looks at a program that is not loaded: no translation is made or used.
    std::expected<std::uint32_t, FaultOutcome> read_from_outside(VirtAddr address);
    std::expected<void, FaultOutcome> write_from_outside(VirtAddr address, std::uint32_t value);
    std::expected<void, FaultOutcome> run_from_outside(VirtAddr address);
    // The outcome of the last fault that was resolved by these; spurious where none came.
    [[nodiscard]] FaultOutcome last() const { return last_; }

    // Anonymous memory of `pages` pages anywhere, that may be read and written; the test fails where it cannot be.
    VirtAddr map(std::uint32_t pages, bool shared = false);

private:
    template <class Try>
    auto attempt(bool write, Try&& access) -> std::expected<typename decltype(access())::value_type, FaultOutcome>;
    [[nodiscard]] FaultOutcome handle_fault(VirtAddr address, bool write);
    [[nodiscard]] FaultOutcome handle_fault_waiting(VirtAddr address, bool write);
    void bring_awaited();

    BootedTorus* torus_;
    AddressSpace* space_;
    FaultOutcome last_ = FaultOutcome::spurious;
};

// Fails the test where the books of the torus do not balance, or the TLB contradicts the loaded tables.
void require_balanced(BootedTorus& torus);

} // namespace quire::test
