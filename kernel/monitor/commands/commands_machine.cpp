// Commands about the machine: the processor, the time, and the power switch.
#include "kernel/machine/cpu.h"
#include "kernel/machine/devices.h"
#include "kernel/machine/trap.h"
#include "kernel/monitor/commands/command.h"
#include "kernel/monitor/commands/exit_status.h"
#include "kernel/monitor/report/table_text.h"
#include "kernel/torus/torus.h"

#include <array>

namespace quire {

namespace {

std::string_view text(std::span<const char> nul_terminated) {
    const std::string_view all{nul_terminated.data(), nul_terminated.size()};
    return all.substr(0, all.find('\0'));
}

struct Feature {
    std::string_view name;
    bool there;
    std::string_view use;
};

Outcome cpu(Context& context, Arguments) {
    Display& out = context.out;
    const machine::CpuFeatures& features = context.torus.boot.cpu;
    print(out, "{}{}{} ({})", out.paint(Ink::strong), text(features.brand), out.paint(Ink::plain),
          text(features.vendor));
    const std::string_view hypervisor = text(features.hypervisor);
    print(out, "{}{}\n\n", hypervisor.empty() ? "" : ", run by ", hypervisor);
    const std::array all{
        Feature{"PSE", features.large_pages, "4 MiB pages"},
        Feature{"PGE", features.global_pages, "global pages: kept in the TLB when CR3 is loaded"},
        Feature{"SMEP", features.smep, "the kernel cannot execute user pages"},
        Feature{"SMAP", features.smap, "the kernel cannot touch user pages unless it says so"},
        Feature{"TSC", features.timestamp, "a cycle counter"},
    };
    for (const Feature& feature : all) {
        print(out, "  {:4}  {}{:4}{}  {}\n", feature.name, out.paint(feature.there ? Ink::good : Ink::faint),
              feature.there, out.paint(Ink::plain), feature.use);
    }
    return Outcome::done;
}

Outcome uptime(Context& context, Arguments) {
    const std::uint64_t microseconds = machine::nanoseconds() / 1000;
    print(context.out, "{}.{:06} seconds; {:,} ticks at {} a second\n", microseconds / 1'000'000,
          microseconds % 1'000'000, machine::ticks(), machine::ticks_per_second);
    print_title(context.out, "line  interrupts");
    for (unsigned irq = 0; irq < machine::vector::irq_count; ++irq) {
        if (const std::uint32_t count = machine::interrupt_count(irq); count != 0) {
            print(context.out, "{:4}  {:10,}\n", irq, count);
        }
    }
    return Outcome::done;
}

Outcome reboot(Context&, Arguments) {
    machine::console_flush();
    machine::reboot();
}

Outcome halt(Context& context, Arguments) {
    print(context.out, "Halted.\n");
    machine::console_flush();
    // Whoever named an exit port waits for the machine to end.
    if (context.torus.boot.settings.exit_port != 0) {
        machine::power_off(exit_status::success);
    }
    machine::stop();
}

Outcome poweroff(Context&, Arguments) {
    machine::console_flush();
    machine::power_off(exit_status::success);
}

constexpr auto commands = std::to_array<Command>({
    Command{.name = "cpu", .summary = "the processor and what it offers", .run = cpu},
    Command{.name = "uptime", .summary = "time since start-up, and interrupts by line", .run = uptime},
    Command{.name = "poweroff", .summary = "switches the machine off", .run = poweroff},
    Command{.name = "exit", .summary = "the same: there is nowhere else to go", .run = poweroff},
    Command{.name = "quit", .summary = "the same", .run = poweroff},
    Command{.name = "reboot", .summary = "starts the machine anew", .run = reboot},
    Command{.name = "halt", .summary = "stops the processor for good, and ends ./run", .run = halt},
});

} // namespace

std::span<const Command> machine_commands() {
    return commands;
}

} // namespace quire
