// Filling and loading the GDT, the IDT and the task state segments.
#include "arch/x86/cpu/descriptor_tables.h"

#include "arch/x86/cpu/registers.h"
#include "kernel/machine/image.h"
#include "kernel/machine/trap.h"

#include <cstring>

// The entry points in isr.asm: those of vectors 0 … 47 in order, that of the system call, and the double fault's task.
extern "C" {
extern const std::uint32_t isr_entries[48];
void isr_system_call();
void isr_system_call_smap();
void isr_page_fault_smap();
void double_fault_task();
}

namespace quire::machine {

namespace {

// What LGDT and LIDT read: 16 bits of limit (the last valid byte), 32 bits of base.
struct [[gnu::packed]] TableRegister {
    std::uint16_t limit;
    std::uint32_t base;
};

template <class Table> TableRegister table_register(const Table& table) {
    return {static_cast<std::uint16_t>(sizeof(table) - 1), reinterpret_cast<std::uint32_t>(&table)};
}

// CS changes only by a far jump, the others by a move. Intel SDM vol. 3A §9.8.1.
void reload_segments() {
    asm volatile("ljmp %0, $1f\n1:" : : "i"(selector::kernel_code) : "memory");
    asm volatile("movw %w0, %%ds\n"
                 "movw %w0, %%es\n"
                 "movw %w0, %%fs\n"
                 "movw %w0, %%gs\n"
                 "movw %w0, %%ss"
                 :
                 : "r"(selector::kernel_data)
                 : "memory");
}

} // namespace

void DescriptorTables::load(bool smap) {
    fill_tasks();
    fill_segments();
    fill_gates(smap);
    const auto segments = table_register(segments_);
    const auto gates = table_register(gates_);
    asm volatile("lgdt %0" : : "m"(segments));
    reload_segments();
    asm volatile("lidt %0" : : "m"(gates));
    asm volatile("ltr %w0" : : "r"(selector::task));
    // There is no local table. After a reset there would seem to be one at address 0 (SDM vol. 3A, table 9-1).
    asm volatile("lldt %w0" : : "r"(0));
}

void DescriptorTables::set_page_directory(std::uint32_t physical_address) {
    task_.cr3 = physical_address;
    double_fault_task_.cr3 = physical_address;
}

void DescriptorTables::set_thread_segments(const ThreadSegments& segments) {
    static_assert(sizeof(ThreadSegment) == sizeof(SegmentDescriptor));
    static_assert(selector::first_thread_segment == first_thread_segment * sizeof(SegmentDescriptor) + 3);
    // The built-in one becomes a few moves, where a freestanding std::memcpy is a call: each switch comes by here.
    __builtin_memcpy(static_cast<void*>(&segments_[first_thread_segment]), segments.data(), sizeof(segments));
}

void DescriptorTables::fill_segments() {
    const auto at = [this](std::uint16_t of) -> SegmentDescriptor& {
        return segments_[of / sizeof(SegmentDescriptor)];
    };
    using Kind = SegmentDescriptor::Kind;
    at(selector::kernel_code) = SegmentDescriptor::flat(Kind::code, 0);
    at(selector::kernel_data) = SegmentDescriptor::flat(Kind::data, 0);
    at(selector::user_code) = SegmentDescriptor::pages(Kind::code, 3, user_code_base, user_end.value() / page_size);
    at(selector::user_data) = SegmentDescriptor::flat(Kind::data, 3);
    at(selector::task) = SegmentDescriptor::of(task_);
    at(selector::double_fault_task) = SegmentDescriptor::of(double_fault_task_);
}

// Ring 3 may raise a breakpoint (INT3), an overflow (INTO) and a system call; any other INT there is a general
// protection fault. A double fault gets a task of its own, because the stack may be what is broken.
void DescriptorTables::fill_gates(bool smap) {
    for (std::uint32_t number = 0; number < std::size(isr_entries); ++number) {
        const bool from_ring_3 = number == vector::breakpoint || number == vector::overflow;
        gates_[number] =
            GateDescriptor::interrupt(reinterpret_cast<const void*>(isr_entries[number]), from_ring_3 ? 3 : 0);
    }
    if (smap) {
        gates_[vector::page_fault] = GateDescriptor::interrupt(reinterpret_cast<const void*>(&isr_page_fault_smap), 0);
    }
    gates_[vector::system_call] =
        GateDescriptor::interrupt(reinterpret_cast<const void*>(smap ? &isr_system_call_smap : &isr_system_call), 3);
    gates_[vector::double_fault] = GateDescriptor::task(selector::double_fault_task);
}

void DescriptorTables::fill_tasks() {
    task_.ss0 = selector::kernel_data;
    task_.esp0 = kernel_image().boot_stack.end.value();
    task_.io_map_base = sizeof(TaskState); // beyond the limit: no port is open to ring 3

    TaskState& task = double_fault_task_;
    task.eip = reinterpret_cast<std::uint32_t>(&double_fault_task);
    task.eflags = eflags::reserved_one; // interrupts off
    task.esp = kernel_image().double_fault_stack.end.value();
    task.cs = selector::kernel_code;
    task.ss = task.ds = task.es = task.fs = task.gs = selector::kernel_data;
    task.io_map_base = sizeof(TaskState);
    set_page_directory(read_cr3());
}

} // namespace quire::machine
