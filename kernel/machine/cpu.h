// The processor as the portable kernel sees it: features, interrupts, the time-stamp counter, and the one
// pointer from which everything that belongs to this CPU is found.
#pragma once

#include "kernel/machine/user.h"

#include <array>
#include <cstdint>

namespace quire::machine {

// What the machine keeps for itself (descriptor tables, devices). Only the machine looks inside.
struct Hardware;
class CopyWatcher; // user_memory.h

// Reasons to call on_return_to_user() before ring 3 goes on, as bits whose meaning is the kernel's. Interrupts set some
// while the kernel sets others: each change is one instruction, which none can divide, and needs no lock, for only this
// CPU makes any.
class PendingWork {
public:
    void ask(std::uint8_t reasons);
    // What is asked for from here on is asked for again.
    void take_all();
    [[nodiscard]] bool asked() const { return reasons_ != 0; }

private:
    std::uint8_t reasons_ = 0;
};

// The machine's part of a CPU's books; the kernel's Torus begins with it.
struct CpuLocal {
    Hardware* hardware = nullptr;
    bool is_torus = false;    // this one is the beginning of a Torus; until there is one, a stand-in is used
    std::uint8_t reports = 0; // reports of faults and panics under way: one inside another must cut itself short
    PendingWork pending_work{};
    // A copy of user_memory.h came short, and may be made again once others have run: a page is on its way, or memory
    // had run out and somebody was ended for it. Set by on_page_fault(), cleared by who looks.
    bool copy_stalled = false;
    std::uint8_t waiting_forbidden = 0; // stretches of code under way in which nothing may wait
    // What lies below may be copied without anybody being told: all of user space, or nothing where there is a watcher.
    VirtAddr copies_untold_below = user_end;
    CopyWatcher* copy_watcher = nullptr;
};

// The kernel's only mutable global: this CPU's CpuLocal, and so its Torus.
extern CpuLocal* cpu_local; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

// From CPUID. The names are NUL-terminated; empty where the processor gives none.
struct CpuFeatures {
    bool large_pages = false;     // PSE: 4 MiB pages
    bool global_pages = false;    // PGE
    bool smep = false;            // supervisor-mode execution prevention
    bool smap = false;            // supervisor-mode access prevention
    bool timestamp = false;       // RDTSC
    bool fxsave = false;          // FXSAVE and FXRSTOR
    bool sse = false;             // XMM registers
    std::uint32_t leaf_1_edx = 0; // all of CPUID.1:EDX, which Linux gives to programs as AT_HWCAP
    std::array<char, 13> vendor{};
    std::array<char, 49> brand{};
    std::array<char, 13> hypervisor{};
};
[[nodiscard]] CpuFeatures cpu_features();

[[nodiscard]] bool interrupts_enabled();
void enable_interrupts();
void disable_interrupts();
// Lets interrupts in and sleeps until one has been served.
void wait_for_interrupt();
// Interrupts off, processor halted, for ever.
[[noreturn]] void stop();

// Cycles since reset, or 0 where the processor has no RDTSC.
[[nodiscard]] std::uint64_t timestamp();

// The frame pointer of the caller, where a backtrace starts: [0] = caller's frame pointer, [1] = return address.
[[nodiscard]] std::uint32_t frame_pointer();

// Interrupts are off while one of these lives; what was before comes back after.
class InterruptGuard {
public:
    InterruptGuard() : were_enabled_(interrupts_enabled()) { disable_interrupts(); }
    ~InterruptGuard() {
        if (were_enabled_) {
            enable_interrupts();
        }
    }
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

private:
    bool were_enabled_;
};

} // namespace quire::machine
