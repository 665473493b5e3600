// The memory management unit's registers: CR3, CR4's paging bits and INVLPG. What is mapped where is decided above.
#include "kernel/machine/mmu.h"

#include "arch/x86/cpu/hardware.h"
#include "arch/x86/cpu/registers.h"
#include "kernel/machine/image.h"

namespace quire::machine {

// The hardware task switch of a double fault loads CR3 from a task state segment, in both directions, and so each of
// them must name the directory of the moment.
void load_page_directory(PhysAddr directory) {
    cpu_local->hardware->descriptors.set_page_directory(directory.value());
    write_cr3(directory.value());
}

PhysAddr page_directory() {
    return PhysAddr(read_cr3() & ~(page_size - 1));
}

void invalidate_page(Page page) {
    asm volatile("invlpg (%0)" : : "r"(page.start().value()) : "memory");
}

void flush_tlb() {
    write_cr3(read_cr3());
}

// Changing CR4.PGE drops everything, in both directions. Intel SDM vol. 3A §4.10.4.1.
void flush_tlb_global() {
    const std::uint32_t value = read_cr4();
    if ((value & cr4::global_pages) == 0) {
        flush_tlb();
        return;
    }
    write_cr4(value & ~cr4::global_pages);
    write_cr4(value);
}

// Only bits that CPUID offers: writing a reserved one is a general protection fault.
void enable_paging_features() {
    const CpuFeatures& features = cpu_local->hardware->features;
    std::uint32_t value = read_cr4();
    value |= features.global_pages ? cr4::global_pages : 0;
    value |= features.smep ? cr4::smep : 0;
    value |= features.smap ? cr4::smap : 0;
    write_cr4(value);
}

std::byte* mapped(VirtAddr address) {
    return reinterpret_cast<std::byte*>(address.value());
}

std::uint32_t load_word(VirtAddr address) {
    return *reinterpret_cast<const volatile std::uint32_t*>(address.value());
}

void store_word(VirtAddr address, std::uint32_t word) {
    *reinterpret_cast<volatile std::uint32_t*>(address.value()) = word;
}

std::byte* direct_map(PhysAddr address) {
    return reinterpret_cast<std::byte*>(kernel_base + address.value());
}

std::byte* temporary_page(unsigned slot) {
    return reinterpret_cast<std::byte*>(temporary_start.value() + slot * page_size);
}

} // namespace quire::machine
