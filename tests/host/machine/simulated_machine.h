// The machine under the portable kernel on the host: physical memory, a software MMU with a TLB, a console that is a
// string and a clock that moves when it is looked at. While one lives, every function of kernel/machine/ acts on it.
// It starts as the boot stub (boot/entry.asm) leaves the real one. It runs no instructions: tests say what is accessed.
#pragma once

#include "kernel/machine/cpu.h"
#include "kernel/machine/disks.h"
#include "kernel/machine/trap.h"
#include "kernel/machine/user.h"
#include "kernel/memory/frames/frame_run.h"
#include "tests/host/machine/host_stacks.h"
#include "tests/host/machine/ram.h"
#include "tests/host/machine/software_mmu.h"

#include <array>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace quire::test {

// What ends a run of the kernel, as exceptions for a test to expect.
struct PowerOff {
    std::uint8_t status = 0;
};
struct Reboot {};
struct Stopped {};  // machine::stop()
struct EntersUser { // machine::enter_user()
    machine::TrapFrame registers;
};
struct WaitsForever {}; // wait_for_interrupt() again and again, and nothing was typed

// An exception of the processor on its way to attempt().
struct Trap {
    machine::TrapFrame frame;
};

// What runs in ring 3, where a test brings programs.
class Ring3 {
public:
    // The processor has entered ring 3 with these registers, the current program's. Never comes back.
    [[noreturn]] virtual void run(const machine::TrapFrame& registers) = 0;

protected:
    ~Ring3() = default;
};

struct MachineOptions {
    std::uint64_t ram = 64U << 20; // bytes
    bool large_pages = true;       // what CPUID offers
    bool global_pages = true;
    bool smep = false;
    bool smap = false;
};

class SimulatedMachine {
public:
    explicit SimulatedMachine(const MachineOptions& options = {});
    ~SimulatedMachine();
    SimulatedMachine(const SimulatedMachine&) = delete;
    SimulatedMachine& operator=(const SimulatedMachine&) = delete;

    // The one that machine:: acts on. Throws std::logic_error where there is none.
    [[nodiscard]] static SimulatedMachine& current();

    [[nodiscard]] Ram& ram() { return ram_; }
    [[nodiscard]] SoftwareMmu& mmu() { return mmu_; }
    // Where the boot stub's directory and tables lie; whoever hands out frames leaves these alone.
    [[nodiscard]] static FrameRun boot_frames();

    // Memory as a program sees it: bytes at virtual addresses, little endian. Allowed to cross pages. A fault has
    // changed nothing but accessed bits.
    [[nodiscard]] std::expected<std::uint32_t, PageFault> read(VirtAddr address, Ring ring = Ring::kernel);
    [[nodiscard]] std::expected<void, PageFault> write(VirtAddr address, std::uint32_t value, Ring ring = Ring::kernel);
    [[nodiscard]] std::expected<void, PageFault> fetch(VirtAddr address, Ring ring = Ring::kernel);

    // Throws what attempt() catches: the frame the ISR stub would push.
    [[noreturn]] static void raise(std::uint32_t vector, std::uint32_t error_code = 0, VirtAddr fault_address = {});
    [[noreturn]] static void raise(PageFault fault);

    // "N look-ups, H % answered by the TLB, W walks".
    [[nodiscard]] std::string translation_summary() const;

    // The console.
    [[nodiscard]] const std::string& printed() const { return printed_; }
    void clear_printed() { printed_.clear(); }
    // The debug console, which is there once it was plugged in.
    void plug_debug_console() { debug_console_.emplace(); }
    [[nodiscard]] const std::optional<std::string>& debug_console() const { return debug_console_; }
    void type(std::string_view text) { typed_.insert(typed_.end(), text.begin(), text.end()); }

    // What the processor has for the program that runs.
    [[nodiscard]] machine::FpuState& fpu() { return fpu_; }
    [[nodiscard]] machine::ThreadSegments& thread_segments() { return thread_segments_; }

    // Kernel stacks, and what runs in ring 3; null: entering it throws EntersUser.
    [[nodiscard]] HostStacks& stacks() { return stacks_; }
    [[nodiscard]] Ring3* programs() const { return programs_; }
    void set_programs(Ring3* programs) { programs_ = programs; }
    // Where ring 3 is interrupted onto, as the kernel has said.
    [[nodiscard]] std::byte* ring_0_stack() const { return ring_0_stack_; }
    void set_ring_0_stack(std::byte* top) { ring_0_stack_ = top; }

    // The clock moves on; ticks are counted by nobody.
    void pass_time(std::uint64_t nanoseconds) { nanoseconds_ += nanoseconds; }
    // Disks, where a test brings channels of them; and what devices do while the processor sleeps until an interrupt.
    std::array<machine::DiskChannel*, machine::disk_channels> disk_channels{};
    std::function<void()> devices_work;

    // What the kernel finds in QEMU's fw_cfg.
    void set_emulator_command_line(std::string_view text) { emulator_command_line_ = text; }

private:
    friend struct MachineAccess; // the functions of kernel/machine/

    void build_boot_directory();
    // Host memory for each byte of a word.
    using WordBytes = std::array<std::byte*, 4>;
    [[nodiscard]] std::expected<WordBytes, PageFault> touch_word(VirtAddr address, Access access, Ring ring);

    MachineOptions options_;
    Ram ram_;
    // Host memory behind machine::mapped(), where the kernel's objects in its own areas (its heap) live on the host.
    // The host's processor reads it without asking the MMU, so it is not the RAM that the page tables say.
    Ram kernel_objects_{1U << 30};
    SoftwareMmu mmu_;
    machine::CpuLocal cpu_local_;
    machine::CpuLocal* outer_cpu_local_;
    SimulatedMachine* outer_;

    bool interrupts_ = false;
    std::uint32_t attempts_ = 0;
    std::uint32_t waits_ = 0; // in a row, with nothing typed
    std::uint64_t ticks_ = 0;
    std::uint64_t nanoseconds_ = 0;
    std::uint64_t timestamp_ = 0;
    HostStacks stacks_;
    Ring3* programs_ = nullptr;
    std::byte* ring_0_stack_ = nullptr;
    machine::FpuState fpu_;
    machine::ThreadSegments thread_segments_{};
    std::string printed_;
    std::optional<std::string> debug_console_;
    std::deque<char> typed_;
    std::string emulator_command_line_;
};

} // namespace quire::test
