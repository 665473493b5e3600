// The kernel's panic(): says where and why, who called, and switches the machine off with a failing status. Uses
// nothing that could be broken: no heap, no interrupts, text straight to the wire.
#include "kernel/lib/panic.h"

#include "arch/x86/include/cpu.h"
#include "arch/x86/include/devices.h"
#include "kernel/shell/backtrace.h"
#include "kernel/shell/wire.h"

namespace quire {

namespace {

constexpr std::uint8_t panic_status = 18;       // what power_off reports; ./run and the boot tests know it
constexpr std::uint8_t most_nested_reports = 2; // a fault, and the panic that follows it

} // namespace

void panic(std::string_view why, std::source_location where) {
    machine::disable_interrupts();
    Wire wire;
    print(wire, "\nPANIC: {}\n  at {}:{}\n", why, where.file_name(), where.line());
    if (machine::cpu_local->reports < most_nested_reports) {
        ++machine::cpu_local->reports;
        print(wire, "  called by\n");
        print_backtrace(wire, walk_stack(ImageStacks(machine::kernel_image()), machine::frame_pointer()),
                        CodeNames::linked());
    } else {
        print(wire, "  while another report was being printed: nothing more is said\n");
    }
    machine::console_flush();
    machine::power_off(panic_status);
}

} // namespace quire
