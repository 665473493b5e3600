// kernel/machine/user.h and user_memory.h on the host. User memory is reached through the software MMU as the kernel
// reaches it, page by page, and faults go to on_page_fault(). No program runs: entering ring 3 is an exception.
#include "kernel/machine/cpu.h"
#include "kernel/machine/upcalls.h"
#include "kernel/machine/user.h"
#include "kernel/machine/user_memory.h"
#include "tests/host/machine/simulated_machine.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace quire::machine {

namespace {

using test::Access;
using test::SimulatedMachine;

// EFLAGS.AC lifts SMAP while one of these lives.
class UserAccess {
public:
    UserAccess() { set(true); }
    ~UserAccess() { set(false); }
    UserAccess(const UserAccess&) = delete;
    UserAccess& operator=(const UserAccess&) = delete;

private:
    static void set(bool lifted) {
        test::SoftwareMmu& mmu = SimulatedMachine::current().mmu();
        test::Controls controls = mmu.controls();
        controls.access_user = lifted;
        mmu.set_controls(controls);
    }
};

bool resolved(const test::PageFault& fault) {
    TrapFrame frame{};
    frame.fault_address = fault.address.value();
    frame.vector = vector::page_fault;
    frame.error_code = fault.code;
    frame.cs = 0x08; // the kernel's
    return on_page_fault(fault.address, fault.code, frame);
}

// Host memory for the byte at `address`, or null where a fault was not resolved.
std::byte* reach(VirtAddr address, Access access) {
    constexpr unsigned most_faults = 16; // for one access: each resolution must bring it nearer
    SimulatedMachine& machine = SimulatedMachine::current();
    for (unsigned faults = 0; faults < most_faults; ++faults) {
        std::expected<PhysAddr, test::PageFault> found;
        {
            const UserAccess lifted;
            found = machine.mmu().translate(address, access, test::Ring::kernel);
        }
        if (found) {
            return machine.ram().at(*found);
        }
        if (!resolved(found.error())) {
            return nullptr;
        }
    }
    throw std::logic_error("on_page_fault() claims to have resolved a fault that comes again and again");
}

bool in_user_space(VirtAddr start, std::size_t bytes) {
    return bytes <= user_end.value() && start.value() <= user_end.value() - bytes;
}

// Calls act(host memory, offset, bytes) for each page's part of the range. Returns the bytes that could not be reached.
template <class Act> std::size_t for_each_part(VirtAddr start, std::size_t bytes, Access access, Act act) {
    if (!in_user_space(start, bytes)) {
        return bytes;
    }
    if (cpu_local->copy_watcher != nullptr) {
        cpu_local->copy_watcher->before_copy(start, bytes);
    }
    for (std::size_t done = 0; done < bytes;) {
        const VirtAddr here = start + static_cast<std::uint32_t>(done);
        const std::size_t part = std::min<std::size_t>(bytes - done, page_size - here.offset_in_page());
        std::byte* const memory = reach(here, access);
        if (memory == nullptr) {
            return bytes - done;
        }
        act(memory, done, part);
        done += part;
    }
    return 0;
}

} // namespace

// --- user_memory.h

void watch_copies(CopyWatcher* watcher) {
    cpu_local->copy_watcher = watcher;
}

std::size_t copy_from_user(void* to, VirtAddr from, std::size_t bytes) {
    return for_each_part(from, bytes, Access::read, [&](const std::byte* memory, std::size_t offset, std::size_t part) {
        std::memcpy(static_cast<std::byte*>(to) + offset, memory, part);
    });
}

std::size_t copy_to_user(VirtAddr to, const void* from, std::size_t bytes) {
    return for_each_part(to, bytes, Access::write, [&](std::byte* memory, std::size_t offset, std::size_t part) {
        std::memcpy(memory, static_cast<const std::byte*>(from) + offset, part);
    });
}

std::size_t zero_user(VirtAddr to, std::size_t bytes) {
    return for_each_part(to, bytes, Access::write,
                         [](std::byte* memory, std::size_t, std::size_t part) { std::memset(memory, 0, part); });
}

std::optional<std::size_t> user_string_length(VirtAddr text, std::size_t most) {
    for (std::size_t length = 0; length < most; ++length) {
        char character = 0;
        const VirtAddr here = text + static_cast<std::uint32_t>(length);
        if (here < text || copy_from_user(&character, here, 1) != 0) {
            return std::nullopt;
        }
        if (character == '\0') {
            return length;
        }
    }
    return most;
}

// A word across two pages is reached in both before any of it is changed.
std::optional<std::uint32_t> load_user_word(VirtAddr from) {
    std::uint32_t word = 0;
    return copy_from_user(&word, from, sizeof word) == 0 ? std::optional(word) : std::nullopt;
}

bool store_user_word(VirtAddr to, std::uint32_t word) {
    constexpr std::uint32_t last = sizeof word - 1;
    return in_user_space(to, sizeof word) && reach(to, Access::write) != nullptr &&
           reach(to + last, Access::write) != nullptr && copy_to_user(to, &word, sizeof word) == 0;
}

// CMPXCHG writes in any case: what was there, if nothing else.
std::optional<std::uint32_t> compare_exchange_user_word(VirtAddr at, std::uint32_t expected, std::uint32_t desired) {
    const auto found = load_user_word(at);
    if (!found || !store_user_word(at, *found == expected ? desired : *found)) {
        return std::nullopt;
    }
    return found;
}

// --- user.h

void enter_user(const TrapFrame& registers) {
    if (test::Ring3* const programs = SimulatedMachine::current().programs(); programs != nullptr) {
        programs->run(registers);
    }
    throw test::EntersUser{registers};
}

void switch_context(Context& from, Context& to) {
    SimulatedMachine::current().stacks().switch_to(from, to);
}
void prepare_context(Context& context, std::byte*, void (*entry)(void*), void* argument, std::size_t) {
    context = {};
    SimulatedMachine::current().stacks().prepare(context, entry, argument);
}
void set_kernel_stack(std::byte* top) {
    SimulatedMachine::current().set_ring_0_stack(top);
}

FpuState initial_fpu_state() {
    constexpr std::byte mark{0x7F};
    FpuState state;
    state.bytes.front() = mark;
    return state;
}
void save_fpu(FpuState& state) {
    state = SimulatedMachine::current().fpu();
}
void restore_fpu(const FpuState& state) {
    SimulatedMachine::current().fpu() = state;
}
std::uint32_t raised_float_exceptions(std::uint32_t) {
    return float_exception::zero_divide;
}
bool has_fxsave() {
    return true;
}
std::uint32_t mxcsr_mask() {
    return 0xFFFF;
}

void load_thread_segments(const ThreadSegments& segments) {
    SimulatedMachine::current().thread_segments() = segments;
}

} // namespace quire::machine
