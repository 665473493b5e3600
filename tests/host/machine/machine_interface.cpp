// kernel/machine/ on the host: every function, acting on the current SimulatedMachine.
#include "kernel/machine/cpu.h"
#include "kernel/machine/devices.h"
#include "kernel/machine/disks.h"
#include "kernel/machine/image.h"
#include "kernel/machine/mmu.h"
#include "kernel/machine/provoke.h"
#include "kernel/machine/trap.h"
#include "kernel/machine/upcalls.h"
#include "tests/host/machine/simulated_machine.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace quire::test {

// How the functions below reach into the machine.
struct MachineAccess {
    static SimulatedMachine& machine() { return SimulatedMachine::current(); }
    static const MachineOptions& options() { return machine().options_; }
    static test::Ram& kernel_objects() { return machine().kernel_objects_; }
    static bool& interrupts() { return machine().interrupts_; }
    static std::uint32_t& attempts() { return machine().attempts_; }
    static std::uint64_t& timestamp() { return machine().timestamp_; }
    static std::uint64_t& nanoseconds() { return machine().nanoseconds_; }
    static std::uint64_t& ticks() { return machine().ticks_; }
    static std::string& printed() { return machine().printed_; }
    static std::optional<std::string>& debug_console() { return machine().debug_console_; }
    static std::string_view emulator_command_line() { return machine().emulator_command_line_; }

    static std::optional<char> next_typed() {
        SimulatedMachine& self = machine();
        if (self.typed_.empty()) {
            return {};
        }
        const char c = self.typed_.front();
        self.typed_.pop_front();
        self.waits_ = 0;
        return c;
    }
    // Nothing will ever be typed when the test's script is at its end: after an hour of ticks nobody waits for the
    // clock.
    static void wait() {
        constexpr std::uint32_t patience = 60 * 60 * machine::ticks_per_second;
        SimulatedMachine& self = machine();
        if (++self.waits_ > patience) {
            throw WaitsForever{};
        }
        if (self.devices_work) {
            self.devices_work();
        }
        ++self.ticks_;
        machine::on_tick();
        self.nanoseconds_ = std::max(self.nanoseconds_, self.ticks_ * (1'000'000'000 / machine::ticks_per_second));
    }
};

} // namespace quire::test

namespace quire::machine {

using test::MachineAccess;
using test::SimulatedMachine;

// --- cpu.h

CpuLocal* cpu_local = nullptr; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

CpuFeatures cpu_features() {
    const test::MachineOptions& options = MachineAccess::options();
    CpuFeatures features;
    features.large_pages = options.large_pages;
    features.global_pages = options.global_pages;
    features.smep = options.smep;
    features.smap = options.smap;
    features.timestamp = true;
    constexpr std::string_view vendor = "QuireHostCPU";
    constexpr std::string_view brand = "Simulated on the host";
    std::copy(vendor.begin(), vendor.end(), features.vendor.begin());
    std::copy(brand.begin(), brand.end(), features.brand.begin());
    return features;
}

void PendingWork::ask(std::uint8_t reasons) {
    reasons_ |= reasons;
}
void PendingWork::take_all() {
    reasons_ = 0;
}

bool interrupts_enabled() {
    return MachineAccess::interrupts();
}
void enable_interrupts() {
    MachineAccess::interrupts() = true;
}
void disable_interrupts() {
    MachineAccess::interrupts() = false;
}
void wait_for_interrupt() {
    MachineAccess::wait();
}
void stop() {
    throw test::Stopped{};
}

std::uint64_t timestamp() {
    constexpr std::uint64_t cycles_a_call = 100;
    return MachineAccess::timestamp() += cycles_a_call;
}

// The host's stack is none of the kernel's: a backtrace ends at once.
std::uint32_t frame_pointer() {
    return 0;
}

// --- mmu.h

void load_page_directory(PhysAddr directory) {
    MachineAccess::machine().mmu().load_directory(directory);
}
PhysAddr page_directory() {
    return MachineAccess::machine().mmu().directory();
}
void invalidate_page(Page page) {
    MachineAccess::machine().mmu().tlb().invalidate(page);
}
void flush_tlb() {
    load_page_directory(page_directory());
}
void flush_tlb_global() {
    MachineAccess::machine().mmu().tlb().flush_global();
}

void enable_paging_features() {
    test::SoftwareMmu& mmu = MachineAccess::machine().mmu();
    const test::MachineOptions& options = MachineAccess::options();
    test::Controls controls = mmu.controls();
    controls.global_pages = options.global_pages;
    controls.smep = options.smep;
    controls.smap = options.smap;
    mmu.set_controls(controls);
}

std::byte* direct_map(PhysAddr address) {
    if (address.value() >= temporary_start.value() - kernel_base) {
        throw std::out_of_range("the direct map ends before the temporary mappings");
    }
    return MachineAccess::machine().ram().at(address);
}

std::byte* mapped(VirtAddr address) {
    return MachineAccess::kernel_objects().at(PhysAddr(address - VirtAddr(kernel_base)));
}

std::uint32_t load_word(VirtAddr address) {
    const auto word = MachineAccess::machine().read(address);
    if (!word) {
        SimulatedMachine::raise(word.error());
    }
    return *word;
}

void store_word(VirtAddr address, std::uint32_t word) {
    if (const auto written = MachineAccess::machine().write(address, word); !written) {
        SimulatedMachine::raise(written.error());
    }
}

// Through the TLB, as on the real machine: a slot whose old translation was not invalidated shows the old frame.
std::byte* temporary_page(unsigned slot) {
    SimulatedMachine& machine = MachineAccess::machine();
    const VirtAddr address = temporary_start + slot * page_size;
    const auto physical = machine.mmu().translate(address, test::Access::write, test::Ring::kernel);
    if (!physical) {
        SimulatedMachine::raise(physical.error());
    }
    return machine.ram().at(*physical, page_size);
}

// --- image.h

// A made-up image with the real one's layout: 1 MiB up, each part on pages of its own.
KernelImage kernel_image() {
    const auto at = [](std::uint32_t offset) { return VirtAddr(kernel_base + (1U << 20) + offset); };
    return {.whole = {at(0), at(0x40000)},
            .text = {at(0x1000), at(0x10000)},
            .rodata = {at(0x10000), at(0x18000)},
            .data = {at(0x18000), at(0x40000)},
            .boot_stack = {at(0x21000), at(0x31000)},
            .stack_guard = {at(0x20000), at(0x21000)},
            .double_fault_stack = {at(0x32000), at(0x34000)},
            .double_fault_guard = {at(0x31000), at(0x32000)}};
}

// --- trap.h; the exceptions' names are the real machine's (arch/x86/portable/exception_names.cpp)

std::optional<TrapFrame> attempt(void (*body)(void*), void* argument) {
    struct UnderWay {
        UnderWay() { ++MachineAccess::attempts(); }
        ~UnderWay() { --MachineAccess::attempts(); }
        UnderWay(const UnderWay&) = delete;
        UnderWay& operator=(const UnderWay&) = delete;
    };
    const UnderWay under_way;
    try {
        body(argument);
        return {};
    } catch (const test::Trap& trap) {
        TrapFrame frame = trap.frame;
        if (on_trap(frame) == TrapAction::unwind) {
            return frame;
        }
        throw std::logic_error("the simulated machine cannot resume after a trap");
    }
}

bool attempting() {
    return MachineAccess::attempts() != 0;
}

// --- devices.h

void console_write(std::string_view text) {
    MachineAccess::printed() += text;
}
void console_send(std::string_view bytes) {
    MachineAccess::printed() += bytes;
}
void console_flush() {}
std::optional<char> console_read() {
    return MachineAccess::next_typed();
}

std::uint64_t ticks() {
    return MachineAccess::ticks();
}
std::uint64_t nanoseconds() {
    constexpr std::uint64_t nanoseconds_a_call = 1000;
    return MachineAccess::nanoseconds() += nanoseconds_a_call;
}
std::uint64_t calendar_seconds() {
    constexpr std::uint64_t some_day = 1'700'000'000;
    return some_day;
}
std::uint32_t interrupt_count(unsigned irq) {
    return irq == 0 ? static_cast<std::uint32_t>(ticks()) : 0;
}

void power_off(std::uint8_t status) {
    throw test::PowerOff{status};
}
void reboot() {
    throw test::Reboot{};
}
void set_exit_port(std::uint16_t) {}
bool has_debug_console() {
    return MachineAccess::debug_console().has_value();
}
void debug_console_write(std::string_view bytes) {
    *MachineAccess::debug_console() += bytes;
}

std::string_view emulator_command_line(char* buffer, std::uint32_t size) {
    const std::string_view text = MachineAccess::emulator_command_line().substr(0, size);
    std::copy(text.begin(), text.end(), buffer);
    return {buffer, text.size()};
}

// --- disks.h

DiskChannel* disk_channel(unsigned number) {
    return MachineAccess::machine().disk_channels.at(number);
}

// --- provoke.h

extern "C" {

void provoke_divide_error() {
    SimulatedMachine::raise(vector::divide_error);
}
void provoke_debug() {
    SimulatedMachine::raise(vector::debug);
}
void provoke_breakpoint() {
    SimulatedMachine::raise(vector::breakpoint);
}
void provoke_overflow() {
    SimulatedMachine::raise(vector::overflow);
}
void provoke_bound() {
    SimulatedMachine::raise(vector::bound);
}
void provoke_invalid_opcode() {
    SimulatedMachine::raise(vector::invalid_opcode);
}
void provoke_general_protection() {
    SimulatedMachine::raise(vector::general_protection, 0xFFF8);
}
void provoke_empty_gate() {
    SimulatedMachine::raise(vector::general_protection, (0xFF << 3) | 2);
}
void provoke_double_fault(std::uint32_t stack_top) {
    SimulatedMachine::raise(vector::double_fault, 0, VirtAddr(stack_top - 4));
}

} // extern "C"

} // namespace quire::machine
