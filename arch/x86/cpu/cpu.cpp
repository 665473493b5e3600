// The processor: what CPUID tells, the interrupt flag, the time-stamp counter, and halting.
#include "kernel/machine/cpu.h"

#include "arch/x86/cpu/hardware.h"
#include "arch/x86/cpu/registers.h"

namespace quire::machine {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): the one there is
constinit CpuLocal* cpu_local = nullptr;

namespace {

// CPUID leaves and bits. Intel SDM vol. 2A, "CPUID"; the hypervisor's leaf is a convention of theirs.
constexpr std::uint32_t leaf_vendor = 0, leaf_features = 1, leaf_extended_features = 7, leaf_hypervisor = 0x40000000,
                        leaf_extended = 0x80000000, leaf_brand = 0x80000002;
constexpr std::uint32_t edx_large_pages = 1U << 3, edx_timestamp = 1U << 4, edx_global_pages = 1U << 13,
                        edx_fxsave = 1U << 24, edx_sse = 1U << 25;
constexpr std::uint32_t ecx_hypervisor = 1U << 31;
constexpr std::uint32_t ebx_smep = 1U << 7, ebx_smap = 1U << 20;

// Writes the four characters of a register, lowest byte first.
char* put(char* to, std::uint32_t characters) {
    for (unsigned i = 0; i < 4; ++i) {
        *to++ = static_cast<char>(characters >> (8 * i));
    }
    return to;
}

void put_name(char* to, std::uint32_t first, std::uint32_t second, std::uint32_t third) {
    put(put(put(to, first), second), third);
}

void put_brand(char* to) {
    for (std::uint32_t part = 0; part < 3; ++part) {
        const CpuidLeaf leaf = cpuid(leaf_brand + part);
        to = put(put(put(put(to, leaf.eax), leaf.ebx), leaf.ecx), leaf.edx);
    }
}

// The Pentium Pro claims SYSENTER and has none. Intel SDM vol. 2B, "SYSENTER".
bool has_sysenter(const CpuidLeaf& basic) {
    constexpr std::uint32_t edx_sysenter = 1U << 11, family = 0xF00, family_6 = 0x600, model_and_stepping = 0xFF;
    const bool pentium_pro = (basic.eax & family) == family_6 && (basic.eax & model_and_stepping) < 0x33;
    return (basic.edx & edx_sysenter) != 0 && !pentium_pro;
}

} // namespace

void take_over_registers() {
    if (!has_cpuid()) {
        return;
    }
    constexpr std::uint32_t edx_page_attributes = 1U << 16;
    constexpr std::uint64_t page_attributes_after_reset = 0x0007'0406'0007'0406; // SDM vol. 3A, table 11-12
    const CpuidLeaf basic = cpuid(leaf_features);
    if (has_sysenter(basic)) {
        write_msr(msr::sysenter_selector, 0); // SYSENTER is a general protection fault now
    }
    if ((basic.edx & edx_page_attributes) != 0) {
        write_msr(msr::page_attributes, page_attributes_after_reset);
    }
}

CpuFeatures cpu_features() {
    CpuFeatures features;
    if (!has_cpuid()) {
        return features;
    }
    const CpuidLeaf vendor = cpuid(leaf_vendor);
    put_name(features.vendor.data(), vendor.ebx, vendor.edx, vendor.ecx);

    const CpuidLeaf basic = cpuid(leaf_features);
    features.large_pages = (basic.edx & edx_large_pages) != 0;
    features.global_pages = (basic.edx & edx_global_pages) != 0;
    features.fxsave = (basic.edx & edx_fxsave) != 0;
    features.sse = features.fxsave && (basic.edx & edx_sse) != 0;
    features.leaf_1_edx = basic.edx;
    features.timestamp = (basic.edx & edx_timestamp) != 0;

    if (vendor.eax >= leaf_extended_features) {
        const CpuidLeaf extended = cpuid(leaf_extended_features);
        features.smep = (extended.ebx & ebx_smep) != 0;
        features.smap = (extended.ebx & ebx_smap) != 0;
    }
    if (cpuid(leaf_extended).eax >= leaf_brand + 2) {
        put_brand(features.brand.data());
    }
    if ((basic.ecx & ecx_hypervisor) != 0) {
        const CpuidLeaf hypervisor = cpuid(leaf_hypervisor);
        put_name(features.hypervisor.data(), hypervisor.ebx, hypervisor.ecx, hypervisor.edx);
    }
    return features;
}

void PendingWork::ask(std::uint8_t reasons) {
    asm volatile("orb %1, %0" : "+m"(reasons_) : "iq"(reasons) : "cc");
}

void PendingWork::take_all() {
    asm volatile("movb $0, %0" : "=m"(reasons_));
}

bool interrupts_enabled() {
    return (read_eflags() & eflags::interrupt) != 0;
}

void enable_interrupts() {
    asm volatile("sti" : : : "memory");
}

void disable_interrupts() {
    asm volatile("cli" : : : "memory");
}

// STI takes effect after the next instruction, so that no interrupt can slip in between it and HLT and leave the
// processor asleep. Intel SDM vol. 2B, "STI".
void wait_for_interrupt() {
    asm volatile("sti; hlt" : : : "memory");
}

void stop() {
    while (true) {
        asm volatile("cli; hlt" : : : "memory");
    }
}

std::uint64_t timestamp() {
    if (!cpu_local->hardware->features.timestamp) {
        return 0;
    }
    std::uint32_t low = 0;  // NOLINT(misc-const-correctness): the assembly writes it
    std::uint32_t high = 0; // NOLINT(misc-const-correctness): the assembly writes it
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return static_cast<std::uint64_t>(high) << 32 | low;
}

// Every function of the kernel keeps EBP as its frame pointer, so this function's own first word is its caller's.
std::uint32_t frame_pointer() {
    return *static_cast<const std::uint32_t*>(__builtin_frame_address(0));
}

} // namespace quire::machine
