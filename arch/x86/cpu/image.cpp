// The kernel image's bounds, taken from the symbols that linker.ld and boot/entry.asm define. Only addresses are used;
// nothing is read through these names.
#include "kernel/machine/image.h"

#include <cstdint>

extern "C" {
extern const char image_start, image_end;
extern const char text_start, text_end, rodata_start, rodata_end, data_start, data_end;
extern const char boot_stack_guard, boot_stack_bottom, boot_stack_top;
extern const char double_fault_stack_guard, double_fault_stack_bottom, double_fault_stack_top;
}

namespace quire::machine {

namespace {

Range between(const char& start, const char& end) {
    const auto address = [](const char& symbol) { return VirtAddr(reinterpret_cast<std::uint32_t>(&symbol)); };
    return {address(start), address(end)};
}

} // namespace

KernelImage kernel_image() {
    return {
        .whole = between(image_start, image_end),
        .text = between(text_start, text_end),
        .rodata = between(rodata_start, rodata_end),
        .data = between(data_start, data_end),
        .boot_stack = between(boot_stack_bottom, boot_stack_top),
        .stack_guard = between(boot_stack_guard, boot_stack_bottom),
        .double_fault_stack = between(double_fault_stack_bottom, double_fault_stack_top),
        .double_fault_guard = between(double_fault_stack_guard, double_fault_stack_bottom),
    };
}

} // namespace quire::machine
