// A simulated machine whose kernel has booted as far as its Torus: memory in order, cpu_local set, nothing running.
#pragma once

#include "kernel/torus/torus.h"
#include "tests/host/machine/simulated_machine.h"

#include <memory>
#include <string>

namespace quire::test {

class BootedTorus {
public:
    // `options.ram` bytes of RAM, laid out as on a PC.
    explicit BootedTorus(const MachineOptions& options = {});
    ~BootedTorus();
    BootedTorus(const BootedTorus&) = delete;
    BootedTorus& operator=(const BootedTorus&) = delete;

    [[nodiscard]] Torus& operator*() { return *torus_; }
    [[nodiscard]] Torus* operator->() { return torus_.get(); }

    // Puts bytes into frames of their own, the first byte `offset` bytes behind a frame's start, as a loader leaves a
    // module; returns where the first one lies.
    [[nodiscard]] PhysAddr load(const std::string& bytes, std::uint32_t offset = 0);

    SimulatedMachine machine;
    class SlowDevice* slow_device = nullptr; // who brings late pages, where a test has one
    class FakeStore* store = nullptr;        // where pages are put out to, where a test has one

private:
    class FailOnMisuse final : public HeapWatcher {
    public:
        void misused(const HeapMisuse& misuse) override;
    };

    FailOnMisuse watcher_;
    BootFacts facts_;
    std::unique_ptr<Torus> torus_;
};

} // namespace quire::test
