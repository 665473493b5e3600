// Where the linker put the kernel: the bounds exported by linker.ld, as addresses. All are page aligned but text_end
// and the like, which are exact.
#pragma once

#include "kernel/machine/address.h"

namespace quire::machine {

struct Range {
    VirtAddr start, end;
    [[nodiscard]] constexpr bool contains(VirtAddr address) const { return address >= start && address < end; }
};

// The kernel's image in the higher half. Every range starts on a page; `whole` covers them all.
struct KernelImage {
    Range whole, text, rodata, data;
    Range boot_stack;  // the stack kernel_main runs on
    Range stack_guard; // the page below it, in the image but never mapped
    Range double_fault_stack;
    Range double_fault_guard; // the page below that one, never mapped either
};
[[nodiscard]] KernelImage kernel_image();

// Where the loader puts the image's first byte (linker.ld): the boot stub, which runs before paging. The rest follows.
inline constexpr PhysAddr image_load_address{0x100000};

// Higher-half addresses minus this are physical: where the direct map starts.
inline constexpr std::uint32_t kernel_base = 0xC0000000;

} // namespace quire::machine
