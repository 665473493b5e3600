// The processor's own registers and the instructions that C++ cannot say: control registers, EFLAGS, CPUID, INVLPG,
// HLT. Owns nothing and decides nothing. Intel SDM vol. 3A §2.5 (control registers), vol. 1 §3.4.3 (EFLAGS).
#pragma once

#include <cstdint>

namespace quire::machine {

namespace eflags {
inline constexpr std::uint32_t carry = 1U << 0, reserved_one = 1U << 1, trap = 1U << 8, interrupt = 1U << 9,
                               direction = 1U << 10, nested_task = 1U << 14, virtual_8086 = 1U << 17,
                               alignment_check = 1U << 18, identification = 1U << 21;
}

// Model-specific registers. Intel SDM vol. 4, table 2-2.
namespace msr {
inline constexpr std::uint32_t sysenter_selector = 0x174, page_attributes = 0x277;
}

namespace cr4 {
inline constexpr std::uint32_t page_size_extensions = 1U << 4, global_pages = 1U << 7, fxsave = 1U << 9,
                               simd_exceptions = 1U << 10, smep = 1U << 20, smap = 1U << 21;
}

[[nodiscard]] inline std::uint32_t read_eflags() {
    std::uint32_t flags = 0; // NOLINT(misc-const-correctness): the assembly writes it
    asm volatile("pushfl; popl %0" : "=r"(flags) : : "memory");
    return flags;
}

inline void write_eflags(std::uint32_t flags) {
    asm volatile("pushl %0; popfl" : : "r"(flags) : "memory", "cc");
}

// The processor must have that register.
inline void write_msr(std::uint32_t number, std::uint64_t value) {
    asm volatile("wrmsr"
                 :
                 : "c"(number), "a"(static_cast<std::uint32_t>(value)), "d"(static_cast<std::uint32_t>(value >> 32))
                 : "memory");
}

// The address whose access raised the last page fault.
[[nodiscard]] inline std::uint32_t read_cr2() {
    std::uint32_t value = 0; // NOLINT(misc-const-correctness): the assembly writes it
    asm volatile("movl %%cr2, %0" : "=r"(value) : : "memory");
    return value;
}

[[nodiscard]] inline std::uint32_t read_cr3() {
    std::uint32_t value = 0; // NOLINT(misc-const-correctness): the assembly writes it
    asm volatile("movl %%cr3, %0" : "=r"(value) : : "memory");
    return value;
}

inline void write_cr3(std::uint32_t value) {
    asm volatile("movl %0, %%cr3" : : "r"(value) : "memory");
}

[[nodiscard]] inline std::uint32_t read_cr4() {
    std::uint32_t value = 0; // NOLINT(misc-const-correctness): the assembly writes it
    asm volatile("movl %%cr4, %0" : "=r"(value) : : "memory");
    return value;
}

inline void write_cr4(std::uint32_t value) {
    asm volatile("movl %0, %%cr4" : : "r"(value) : "memory");
}

struct CpuidLeaf {
    std::uint32_t eax, ebx, ecx, edx;
};

// The processor must have CPUID: has_cpuid().
[[nodiscard]] inline CpuidLeaf cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
    CpuidLeaf result{};
    asm volatile("cpuid"
                 : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
                 : "a"(leaf), "c"(subleaf));
    return result;
}

// EFLAGS.ID can be changed exactly where CPUID exists. Intel SDM vol. 1 §20.1.1.
[[nodiscard]] inline bool has_cpuid() {
    const std::uint32_t before = read_eflags();
    write_eflags(before ^ eflags::identification);
    const std::uint32_t after = read_eflags();
    write_eflags(before);
    return ((before ^ after) & eflags::identification) != 0;
}

} // namespace quire::machine
