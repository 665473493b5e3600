// The GDT, the IDT and the two task state segments of one processor (Intel SDM vol. 3A §3.4.5, §6.11, §7.2), as plain
// structures of the hardware's own layout. It says which code the processor enters on which event; what that code does
// is decided elsewhere. It must not move once loaded: the processor keeps its addresses.
#pragma once

#include "arch/x86/portable/selectors.h"
#include "kernel/machine/user.h"

#include <array>
#include <cstdint>

namespace quire::machine {

// A 32-bit task state segment. Quire switches tasks in software; the processor reads this for the ring 0 stack when
// ring 3 is interrupted, and loads or saves all of it when a double fault switches tasks. Intel SDM vol. 3A, figure
// 7-2.
struct TaskState {
    std::uint32_t back_link;
    std::uint32_t esp0, ss0, esp1, ss1, esp2, ss2;
    std::uint32_t cr3;
    std::uint32_t eip, eflags;
    std::uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
    std::uint32_t es, cs, ss, ds, fs, gs;
    std::uint32_t ldt;
    std::uint16_t debug_trap, io_map_base;
};
static_assert(sizeof(TaskState) == 104);

// One entry of the GDT: base, limit and access rights, scattered as the 80286 left them. Intel SDM vol. 3A, figure 3-8.
class SegmentDescriptor {
public:
    enum class Kind : std::uint8_t { data = 0x92, code = 0x9A, task = 0x89 }; // present, ring 0; type in bits 0–4

    constexpr SegmentDescriptor() = default;
    // All 4 GiB, for ring `privilege`.
    static constexpr SegmentDescriptor flat(Kind kind, std::uint32_t privilege) {
        return pages(kind, privilege, 0, frames_in_4_gib);
    }
    // `count` pages from `base` on, for ring `privilege`.
    static constexpr SegmentDescriptor pages(Kind kind, std::uint32_t privilege, std::uint32_t base,
                                             std::uint32_t count) {
        return {base, count - 1, static_cast<std::uint32_t>(kind) | privilege << 5,
                granularity_4_kib | operands_32_bit};
    }
    static SegmentDescriptor of(const TaskState& state) {
        return {reinterpret_cast<std::uint32_t>(&state), sizeof(TaskState) - 1, static_cast<std::uint32_t>(Kind::task),
                0};
    }

private:
    static constexpr std::uint32_t granularity_4_kib = 8, operands_32_bit = 4;

    constexpr SegmentDescriptor(std::uint32_t base, std::uint32_t limit, std::uint32_t access, std::uint32_t flags)
        : low_((limit & 0xFFFF) | (base << 16)),
          high_((base >> 16 & 0xFF) | (access << 8) | (limit & 0xF0000) | (flags << 20) | (base & 0xFF000000)) {}

    std::uint32_t low_ = 0, high_ = 0;
};

// One entry of the IDT. Intel SDM vol. 3A, figure 6-2.
class GateDescriptor {
public:
    constexpr GateDescriptor() = default;
    // Enters `handler` with interrupts off. `privilege` is the outermost ring whose INT instruction may use it.
    static GateDescriptor interrupt(const void* handler, std::uint32_t privilege) {
        const auto address = reinterpret_cast<std::uint32_t>(handler);
        return {selector::kernel_code, address, 0x8E00 | privilege << 13};
    }
    static constexpr GateDescriptor task(std::uint16_t task_selector) { return {task_selector, 0, 0x8500}; }

private:
    constexpr GateDescriptor(std::uint32_t target_selector, std::uint32_t offset, std::uint32_t access)
        : low_((offset & 0xFFFF) | std::uint32_t{target_selector} << 16), high_((offset & 0xFFFF0000) | access) {}

    std::uint32_t low_ = 0, high_ = 0;
};

static_assert(sizeof(SegmentDescriptor) == 8 && sizeof(GateDescriptor) == 8);

class DescriptorTables {
public:
    // Fills and loads all of it. Interrupts must be off. `smap`: the processor has SMAP.
    void load(bool smap);

    // The directory that a hardware task switch loads, in either direction.
    void set_page_directory(std::uint32_t physical_address);
    // The descriptors of the thread that runs; the processor reads them when a selector is loaded.
    void set_thread_segments(const ThreadSegments& segments);
    // Where the stack starts on which ring 3 is interrupted.
    void set_kernel_stack(std::uint32_t top) { task_.esp0 = top; }

    // The registers a double fault interrupted; the processor loads them back when its handler returns.
    [[nodiscard]] TaskState& interrupted_task() { return task_; }

private:
    void fill_segments();
    void fill_gates(bool smap);
    void fill_tasks();

    std::array<SegmentDescriptor, selector::double_fault_task / sizeof(SegmentDescriptor) + 1> segments_;
    std::array<GateDescriptor, 256> gates_;
    // The processor wants no page boundary inside a task state segment: 128 bytes aligned, none can be there.
    alignas(128) TaskState task_{};
    alignas(128) TaskState double_fault_task_{};
};

} // namespace quire::machine
