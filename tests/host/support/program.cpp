// Programs on the simulated machine. See program.h.
#include "tests/host/support/program.h"

#include "kernel/memory/memory.h"
#include "kernel/memory/space/reclaim.h"
#include "tests/host/support/fake_store.h"
#include "tests/host/support/require_audit.h"
#include "tests/host/support/slow_device.h"

#include <catch2/catch.hpp>

namespace quire::test {

namespace {

// Has nothing to give but what the heap keeps. The test fails where it is asked again and again.
class HeapReclaimer final : public Reclaimer {
public:
    explicit HeapReclaimer(Memory& memory) : memory_(memory) {}
    bool reclaim_caches() override {
        if (++asked_ > 100) {
            FAIL("a fault is tried again for ever: what is given back is taken again");
        }
        return memory_.heap.trim() != 0;
    }
    Room put_pages_out() override {
        if (!memory_.pager.is_paging()) {
            return Room::none;
        }
        const Pager::Room room = memory_.pager.make_room(8);
        if (room.free_now == 0) {
            memory_.requests.answer_must_wait_for_room();
        }
        return room.free_now != 0 ? Room::now : room.later != 0 ? Room::later : Room::none;
    }
    bool kill_one() override { return false; }

private:
    Memory& memory_;
    int asked_ = 0;
};

} // namespace

Program Program::start(BootedTorus& torus) {
    const Result<AddressSpace*> space = AddressSpace::create(torus->memory);
    REQUIRE(space);
    return {torus, **space};
}

Program Program::fork() {
    const Result<AddressSpace*> space = space_->clone();
    REQUIRE(space);
    return {*torus_, **space};
}

void Program::end() {
    if (space_ != nullptr) {
        space_->release();
        space_ = nullptr;
    }
}

// Does what a fault asks for, as the kernel does.
FaultOutcome Program::handle_fault(VirtAddr address, bool write) {
    HeapReclaimer reclaimer((*torus_)->memory);
    return handle_fault_reclaiming(*space_, address, {.write = write}, reclaimer);
}

// What is waited for comes.
void Program::bring_awaited() {
    const std::optional<Frame> frame = (*torus_)->memory.requests.awaited();
    if (!frame) {
        torus_->store->end_one();
        return;
    }
    if (torus_->slow_device != nullptr) {
        torus_->slow_device->bring(*frame);
    }
    if (torus_->store != nullptr) {
        torus_->store->end_of(*frame);
    }
}

// The same, once the page has come where it is late.
FaultOutcome Program::handle_fault_waiting(VirtAddr address, bool write) {
    FaultOutcome outcome = handle_fault(address, write);
    while (outcome == FaultOutcome::must_wait && (torus_->slow_device != nullptr || torus_->store != nullptr)) {
        bring_awaited();
        outcome = handle_fault(address, write);
    }
    return outcome;
}

template <class Try>
auto Program::attempt(bool write, Try&& access)
    -> std::expected<typename decltype(access())::value_type, FaultOutcome> {
    if (!space_->loaded()) {
        space_->load();
    }
    last_ = FaultOutcome::spurious;
    for (int faults = 0;; ++faults) {
        const auto done = access();
        if (done) {
            return *done;
        }
        REQUIRE(faults < 8);
        const FaultOutcome outcome = handle_fault_waiting(done.error().address, write);
        if (!served(outcome)) {
            return std::unexpected(outcome);
        }
        last_ = outcome;
    }
}

std::expected<std::uint32_t, FaultOutcome> Program::read(VirtAddr address) {
    return attempt(false, [&] { return torus_->machine.read(address, Ring::user); });
}

namespace {

// An access without a value, as one with a value that nobody looks at.
std::expected<bool, PageFault> with_value(const std::expected<void, PageFault>& done) {
    return done ? std::expected<bool, PageFault>(true) : std::unexpected(done.error());
}

std::expected<void, FaultOutcome> without_value(const std::expected<bool, FaultOutcome>& done) {
    return done ? std::expected<void, FaultOutcome>() : std::unexpected(done.error());
}

} // namespace

std::expected<void, FaultOutcome> Program::write(VirtAddr address, std::uint32_t value) {
    return without_value(attempt(true, [&] { return with_value(torus_->machine.write(address, value, Ring::user)); }));
}

std::expected<void, FaultOutcome> Program::run(VirtAddr address) {
    const VirtAddr fetched = address + mirror_distance * page_size;
    return without_value(attempt(false, [&] { return with_value(torus_->machine.fetch(fetched, Ring::user)); }));
}

std::expected<std::uint32_t, FaultOutcome> Program::read_from_outside(VirtAddr address) {
    if (const FaultOutcome outcome = handle_fault_waiting(address, false); !served(outcome)) {
        return std::unexpected(outcome);
    }
    std::uint32_t value = 0;
    REQUIRE(space_->read(address, std::as_writable_bytes(std::span(&value, 1))));
    return value;
}

std::expected<void, FaultOutcome> Program::write_from_outside(VirtAddr address, std::uint32_t value) {
    if (const FaultOutcome outcome = handle_fault_waiting(address, true); !served(outcome)) {
        return std::unexpected(outcome);
    }
    REQUIRE(space_->write(address, std::as_bytes(std::span(&value, 1))));
    return {};
}

std::expected<void, FaultOutcome> Program::run_from_outside(VirtAddr address) {
    const FaultOutcome outcome = handle_fault_waiting(address + mirror_distance * page_size, false);
    return served(outcome) ? std::expected<void, FaultOutcome>() : std::unexpected(outcome);
}

VirtAddr Program::map(std::uint32_t pages, bool shared) {
    const Result<Page> first = space_->map({.pages = pages, .access = {.read = true, .write = true}, .shared = shared});
    REQUIRE(first);
    return first->start();
}

void require_balanced(BootedTorus& torus) {
    require_audit(torus->memory);
    REQUIRE(torus.machine.mmu().contradiction() == "");
}

} // namespace quire::test
