// The simulated machine itself: start-up, memory accesses, traps.
#include "tests/host/machine/simulated_machine.h"

#include "kernel/machine/image.h"
#include "kernel/machine/mmu.h"

#include <array>
#include <sstream>
#include <stdexcept>

namespace quire::test {

namespace {

SimulatedMachine* current_machine = nullptr; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

// Where the image's boot tables would be: directory, temporary mappings' table, table of the low 4 MiB.
constexpr Frame boot_directory{0x110};
constexpr Frame boot_window_table{0x111};
constexpr Frame boot_low_table{0x112};

constexpr std::uint32_t direct_entries = 192; // 768 MiB in 4 MiB steps
constexpr Protection boot_protection{.writable = true};

} // namespace

SimulatedMachine::SimulatedMachine(const MachineOptions& options)
    : options_(options), ram_(options.ram), mmu_(ram_), outer_cpu_local_(machine::cpu_local), outer_(current_machine) {
    build_boot_directory();
    mmu_.set_controls({.paging = true, .write_protect = true, .large_pages = options.large_pages});
    mmu_.load_directory(boot_directory.start());
    machine::cpu_local = &cpu_local_;
    current_machine = this;
}

SimulatedMachine::~SimulatedMachine() {
    machine::cpu_local = outer_cpu_local_;
    current_machine = outer_;
}

SimulatedMachine& SimulatedMachine::current() {
    if (current_machine == nullptr) {
        throw std::logic_error("the kernel called the machine, and the test has made no SimulatedMachine");
    }
    return *current_machine;
}

FrameRun SimulatedMachine::boot_frames() {
    return {boot_directory, 3};
}

// The low memory at 0 and at 3 GiB, and the temporary mappings' table, which shows itself in slot 0. See
// boot/entry.asm.
void SimulatedMachine::build_boot_directory() {
    const auto set = [&](Frame table, std::uint32_t index, Entry entry) {
        ram_.set_word(table.start() + index * 4, entry.raw());
    };
    const std::uint32_t base_entry = machine::kernel_base >> large_page_shift;
    const std::uint32_t window_entry = machine::temporary_start.value() >> large_page_shift;
    set(boot_window_table, 0, Pte::for_page(boot_window_table, boot_protection));
    set(boot_directory, window_entry, Pde::for_table(boot_window_table, false));
    if (!options_.large_pages) {
        for (std::uint32_t index = 0; index < entries_per_table; ++index) {
            set(boot_low_table, index, Pte::for_page(Frame(index), boot_protection));
        }
        set(boot_directory, 0, Pde::for_table(boot_low_table, false));
        set(boot_directory, base_entry, Pde::for_table(boot_low_table, false));
        return;
    }
    for (std::uint32_t index = 0; index < direct_entries; ++index) {
        const Pde entry = Pde::for_large_page(Frame(index * frames_per_large_page), boot_protection);
        set(boot_directory, index, entry);
        set(boot_directory, base_entry + index, entry);
    }
}

std::expected<SimulatedMachine::WordBytes, PageFault> SimulatedMachine::touch_word(VirtAddr address, Access access,
                                                                                   Ring ring) {
    WordBytes bytes{};
    for (std::uint32_t index = 0; index < bytes.size(); ++index) {
        const VirtAddr here = address + index;
        if (index != 0 && here.offset_in_page() != 0) {
            bytes[index] = bytes[index - 1] + 1; // in the page of the byte before: one translation serves both
            continue;
        }
        const auto byte = mmu_.translate(here, access, ring);
        if (!byte) {
            return std::unexpected(byte.error());
        }
        bytes[index] = ram_.at(*byte);
    }
    return bytes;
}

std::expected<std::uint32_t, PageFault> SimulatedMachine::read(VirtAddr address, Ring ring) {
    const auto bytes = touch_word(address, Access::read, ring);
    if (!bytes) {
        return std::unexpected(bytes.error());
    }
    std::uint32_t value = 0;
    for (std::uint32_t index = 0; index < bytes->size(); ++index) {
        value |= std::to_integer<std::uint32_t>(*(*bytes)[index]) << (8 * index);
    }
    return value;
}

std::expected<void, PageFault> SimulatedMachine::write(VirtAddr address, std::uint32_t value, Ring ring) {
    const auto bytes = touch_word(address, Access::write, ring);
    if (!bytes) {
        return std::unexpected(bytes.error());
    }
    for (std::uint32_t index = 0; index < bytes->size(); ++index) {
        *(*bytes)[index] = static_cast<std::byte>(value >> (8 * index));
    }
    return {};
}

std::expected<void, PageFault> SimulatedMachine::fetch(VirtAddr address, Ring ring) {
    const auto byte = mmu_.translate(address, Access::fetch, ring);
    return byte ? std::expected<void, PageFault>() : std::unexpected(byte.error());
}

void SimulatedMachine::raise(std::uint32_t vector, std::uint32_t error_code, VirtAddr fault_address) {
    machine::TrapFrame frame{};
    frame.vector = vector;
    frame.error_code = error_code;
    frame.fault_address = fault_address.value();
    frame.eip = machine::kernel_image().text.start.value();
    frame.cs = 0x08;
    throw Trap{frame};
}

void SimulatedMachine::raise(PageFault fault) {
    raise(machine::vector::page_fault, fault.code, fault.address);
}

std::string SimulatedMachine::translation_summary() const {
    const TlbCounts& counts = mmu_.tlb().counts();
    std::ostringstream text;
    text.precision(1);
    text << std::fixed << counts.look_ups << " look-ups, " << counts.hit_rate() * 100 << " % answered by the TLB, "
         << mmu_.walks() << " walks";
    return text.str();
}

} // namespace quire::test
