// The kernel's panic(): says where and why, who called, and switches the machine off with a failing status. Uses
// nothing that could be broken: no heap, no interrupts, text straight to the wire.
#include "kernel/lib/panic.h"

#include "arch/x86/include/cpu.h"
#include "arch/x86/include/devices.h"
#include "kernel/shell/backtrace.h"

namespace quire {

namespace {

constexpr std::uint8_t panic_status = 18; // what power_off reports; ./run and the boot tests know it

class Wire final : public Sink {
public:
    void write(std::string_view text) override { machine::console_write(text); }
};

} // namespace

void panic(std::string_view why, std::source_location where) {
    machine::disable_interrupts();
    Wire wire;
    print(wire, "\nPANIC: {}\n  at {}:{}\n  backtrace:\n", why, where.file_name(), where.line());
    print_backtrace(wire, walk_stack(ImageStacks(machine::kernel_image()), machine::frame_pointer()),
                    CodeNames::linked());
    machine::console_flush();
    machine::power_off(panic_status);
}

} // namespace quire
