// Where the kernel begins: from what the loader left to a torus with its memory in order, and on to the shell. Built
// on the boot stack, which it never leaves.
#include "kernel/fs/archive/cpio.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/wrap.h"
#include "kernel/machine/devices.h"
#include "kernel/machine/image.h"
#include "kernel/machine/upcalls.h"
#include "kernel/memory/frames/address_text.h"
#include "kernel/monitor/commands/exit_status.h"
#include "kernel/monitor/commands/run_program.h"
#include "kernel/monitor/console/console_sink.h"
#include "kernel/monitor/editor/tokenizer.h"
#include "kernel/monitor/report/program_report.h"
#include "kernel/monitor/shell.h"
#include "kernel/process/notice.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/chaos_paging.h"
#include "kernel/torus/slow_pages.h"
#include "kernel/torus/torus.h"
#include "version.h"

#include <algorithm>
#include <optional>

namespace quire {
namespace {

// Physical memory at boot, when only the boot stub's mappings are there.
class BootMemory final : public multiboot::Reader {
public:
    explicit BootMemory(PhysAddr early_limit) : memory_(Frame::containing(early_limit).number()) {}

    bool read(PhysAddr from, std::span<std::byte> to) override {
        if (std::uint64_t{from.value()} + to.size() > 1ULL << 32) {
            return false;
        }
        while (!to.empty()) {
            const std::size_t part = std::min<std::size_t>(to.size(), page_size - from.offset_in_page());
            memory_.read(Frame::containing(from), from.offset_in_page(), to.first(part));
            from = from + static_cast<std::uint32_t>(part);
            to = to.subspan(part);
        }
        return true;
    }

private:
    PhysicalMemory memory_;
};

// The programs' terminal, once there is one.
const Terminal* programs_terminal() {
    const Torus* const torus = this_torus();
    return torus != nullptr && torus->userland != nullptr ? torus->userland->processes.console : nullptr;
}

// Tells of misuse of the heap as it happens.
class HeapAlarm final : public HeapWatcher {
public:
    explicit HeapAlarm(Sink& sink) : sink_(&sink) {}
    void misused(const HeapMisuse& misuse) override {
        constexpr std::size_t usual_width = 79, indent = 6;
        WrapSink text{*sink_, console_width(programs_terminal(), usual_width), indent};
        print(text, "heap: {}\n", misuse);
    }

private:
    Sink* sink_;
};

// Tells what goes wrong with disks as it happens.
class DiskNotices final : public DiskWatcher {
public:
    void told(const DiskTrouble& trouble) override {
        Notice text(programs_terminal());
        print(text, "{}\n", trouble);
    }
};

// Sets aside all that was there before the kernel, by name. A map too crowded for that cannot be trusted.
void reserve_what_was_there(MemoryMap& map, const multiboot::Information& loader) {
    const auto reserve = [&](multiboot::Extent extent, Owner owner, std::string_view name) {
        ensure(map.reserve(extent.start, extent.size, owner, name).has_value(),
               "the loader left more than there is room to reserve");
    };
    const PhysAddr image_end(machine::kernel_image().whole.end - VirtAddr(machine::kernel_base));
    reserve({PhysAddr(0), page_size}, Owner::reserved, "firmware data");
    reserve({machine::image_load_address, image_end - machine::image_load_address}, Owner::kernel, "kernel image");
    for (const multiboot::Module& module : loader.modules) {
        reserve(module.contents, Owner::module, module.name.size != 0 ? module.name.view() : "module");
        reserve(module.name_at, Owner::reserved, "module's name");
    }
    reserve(loader.structure, Owner::reserved, "Multiboot information");
    reserve(loader.command_line_at, Owner::reserved, "command line");
    reserve(loader.loader_at, Owner::reserved, "loader's name");
    reserve(loader.map_at, Owner::reserved, "memory map");
    reserve(loader.module_list_at, Owner::reserved, "module list");
    reserve(loader.section_headers_at, Owner::reserved, "section headers");
    for (const multiboot::Extent& section : loader.sections) {
        reserve(section, Owner::reserved, "symbol section");
    }
}

void print_memory(Sink& sink, const MemoryMap& map) {
    print(sink, "memory\n");
    for (const FrameRun& run : map.ram()) {
        print(sink, "  {:#010x} - {:#010x}  {:9}  RAM\n", run.first.start().value(), run.end().start().value() - 1,
              ByteCount{run.bytes()});
    }
    if (map.bytes_above_4_gib() != 0) {
        print(sink, "  above 4 GiB              {:9}  not used\n", ByteCount{map.bytes_above_4_gib()});
    }
    print(sink, "reserved\n");
    for (const Reservation& each : map.reservations()) {
        print(sink, "  {:#010x} - {:#010x}  {:9}  {}\n", each.frames.first.start().value(),
              each.frames.end().start().value() - 1, ByteCount{each.frames.bytes()}, each.name);
    }
}

void print_disks(Sink& sink, const Disks& disks) {
    bool first = true;
    disks.for_each([&](const Disk& disk) {
        print(sink, "{}  {}  {:9}  {}{}\n", first ? "disks\n" : "", disk.name(),
              ByteCount{disk.sectors() * sector_size}, disk.identity().model_name(), disk.dma() ? "" : ", without DMA");
        first = false;
    });
}

// Fills in what the loader left and this boot was told. What is wrong with it is printed and survived.
void gather(BootFacts& facts, const machine::BootHandoff& handoff, Sink& sink) {
    facts.handoff = handoff;
    facts.cpu = machine::cpu_features();
    BootMemory memory(handoff.early_limit);
    const auto loader = multiboot::read_information(handoff.magic, handoff.info, memory, sink);
    if (!loader) {
        panic("this kernel was not started by a Multiboot loader");
    }
    facts.loader = *loader;
    std::array<char, 512> extra{};
    for (const std::string_view text :
         {facts.loader.command_line.view(), machine::emulator_command_line(extra.data(), extra.size())}) {
        if (const auto added = facts.options.add(text); !added) {
            print(sink, "command line: {} in \"{}\"\n", name_of(added.error()), text);
        }
    }
    facts.settings = read_settings(facts.options, sink);
    if (facts.settings.exit_port != 0) {
        machine::set_exit_port(facts.settings.exit_port);
    }
}

// exec="PROGRAM ARGUMENT...": runs it with the console as its terminal and says, in the console's last line, how it
// ended; then the machine is switched off.
[[noreturn]] void execute(Userland& userland, std::string_view line) {
    ConsoleSink wire;
    Tokenizer words;
    auto status = exit_status::failure;
    if (const Result<void> taken = words.take_command(line); !taken) {
        print(wire, "exec: {}\n", taken.error() == Error::truncated ? "a quote is not closed" : "that is too long");
    } else if (words.all().empty()) {
        print(wire, "exec: no program is named\n");
    } else if (!line.empty()) {
        print(wire, "exec: one program only: \";\" needs quotes (behind it: {})\n", line);
    } else if (const auto started = start_words(userland, words.all()); !started) {
        const std::string_view name = words.all().front();
        if (const auto missing = missing_interpreter(userland, name); started.error() == Error::not_found && missing) {
            print(wire, "exec: {} cannot be run: its interpreter {} is missing\n", name, missing->view());
        } else {
            print(wire, "exec: {} cannot be run: {}\n", name, explain(started.error()));
        }
    } else {
        const ProgramResult result = wait_in_foreground(userland, **started);
        print(wire, "exec: {}\n", result);
        status = exit_status::success;
    }
    machine::console_flush();
    machine::power_off(status);
}

// Does what this boot was told to, then is there for whoever sits at the console.
[[noreturn]] void serve(Torus& torus, Shell& shell, const BootSettings& settings) {
    if (settings.plain) {
        shell.stay_plain();
    }
    if (settings.commands) {
        const bool all_done = shell.run_commands(*settings.commands);
        machine::console_flush();
        machine::power_off(all_done ? exit_status::success : exit_status::failure);
    }
    if (settings.exec) {
        if (!settings.plain) {
            ask_for_size(*torus.userland);
        }
        execute(*torus.userland, *settings.exec);
    }
    if (settings.demo) {
        shell.ask_terminal();
        may_fail(shell.run_commands("demo")); // what failed has been said; the shell goes on
    }
    shell.run();
}

// A device as an option names it: "hda" or "/dev/hda". Null, and said, where there is none.
BlockDevice* device_named(Userland& userland, std::string_view option, std::string_view name, Sink& sink) {
    constexpr std::string_view folder = "/dev/";
    std::string_view bare = name;
    bare.remove_prefix(bare.starts_with(folder) ? folder.size() : 0);
    BlockDevice* const device = userland.block_devices.find(bare);
    if (device == nullptr) {
        print(sink, "command line: {}={}: there is no such disk\n", option, bare);
    }
    return device;
}

// archive=hdc: what is there joins the root. Where that cannot be, the kernel goes on with what it has.
void add_archive(Userland& userland, std::string_view name, Sink& sink) {
    BlockDevice* const device = device_named(userland, "archive", name, sink);
    if (device == nullptr) {
        return;
    }
    if (const auto added = userland.files().add_archive(*device, userland.processes.scheduler, sink); !added) {
        print(sink, "command line: archive={}: {}\n", name,
              added.error() == Error::malformed ? "no cpio archive begins there" : explain(added.error()));
    }
}

// swap=hda,/dev/hdc1: all of them, where they are what they should be.
void swap_on(Userland& userland, std::string_view names, Sink& sink) {
    while (!names.empty()) {
        const std::size_t comma = std::min(names.find(','), names.size());
        const std::string_view name = names.substr(0, comma);
        names.remove_prefix(std::min(comma + 1, names.size()));
        if (BlockDevice* const device = device_named(userland, "swap", name, sink)) {
            may_fail(userland.swap_on(*device, std::nullopt)); // what is wrong was said
        }
    }
}

// The boot archive: the first module that the loader brought, if it brought any.
std::optional<ArchiveExtent> archive_of(const multiboot::Information& loader) {
    if (loader.modules.empty()) {
        return std::nullopt;
    }
    const multiboot::Extent& contents = loader.modules[0].contents;
    return ArchiveExtent{contents.start, contents.size};
}

// What config.txt in the boot archive says, as far as it can be reached before there are page tables.
MemoryLimits limits_of(const multiboot::Information& loader, PhysAddr early_limit, Sink& sink) {
    std::optional<ArchiveExtent> archive = archive_of(loader);
    if (!archive || archive->size == 0) {
        return {};
    }
    constexpr std::string_view name = "config.txt";
    const std::uint32_t reach = early_limit - std::min(archive->start, early_limit);
    const bool all = archive->size <= reach;
    archive->size = std::min(archive->size, reach);
    PhysicalMemory memory(Frame::containing(early_limit).number());
    const ArchiveMemory bytes(memory, *archive);
    const std::optional<CpioEntry> entry = find_entry(bytes, name).value_or(std::nullopt);
    if (!entry) {
        if (!all) {
            print(sink, "{}: not looked for beyond the first {} of the boot archive\n", name, ByteCount{reach});
        }
        return {}; // what is wrong with an archive is said when its files are read
    }
    std::array<char, 2048> text{};
    const std::uint32_t size = std::min<std::uint32_t>(entry->size, text.size());
    if (size < entry->size) {
        print(sink, "{}: only the first {} bytes are read\n", name, text.size());
    }
    bytes.read(entry->data, std::as_writable_bytes(std::span(text).first(size)));
    return read_config({text.data(), size}, sink);
}

void print_limits(Sink& sink, const MemoryLimits& limits, std::uint64_t unused) {
    const auto show = [&](std::string_view name, std::uint32_t bytes) {
        if (bytes != 0) {
            print(sink, "  {:<16}  {}\n", name, ByteCount{bytes});
        }
    };
    if (limits.frame + limits.overall + limits.least_process + limits.most_process != 0) {
        print(sink, "limits\n");
        show("max-overall-mem", limits.overall);
        show("mem-per-frame", limits.frame_size());
        show("min-mem-per-proc", limits.least_process);
        show("max-mem-per-proc", limits.most_process);
    }
    if (unused != 0) {
        print(sink, "  {} of RAM are left unused\n", ByteCount{unused});
    }
}

// Leaves RAM out beyond max-overall-mem, where that is told. Returns how many bytes.
std::uint64_t limit_ram(MemoryMap& map, const MemoryLimits& limits, Sink& sink) {
    constexpr std::uint32_t least_free = (2U << 20) / page_size; // to boot with
    const std::uint32_t frames = map.ram_frames();
    if (limits.overall != 0) {
        map.limit(limits.overall, least_free, sink);
    }
    return std::uint64_t{frames - map.ram_frames()} * page_size;
}

} // namespace

void machine::kernel_main(const BootHandoff& handoff, Hardware& hardware) {
    ConsoleSink console;
    print(console, "\nQuire {} ({})\n", QUIRE_VERSION, QUIRE_COMMIT);

    BootFacts facts;
    gather(facts, handoff, console);

    MemoryMap map;
    multiboot::set_ram(map, facts.loader, console);
    reserve_what_was_there(map, facts.loader);
    facts.settings.limits.add(limits_of(facts.loader, handoff.early_limit, console));
    check_limits(facts.settings.limits, "limits", console);
    const std::uint64_t unused_ram = limit_ram(map, facts.settings.limits, console);

    HeapAlarm alarm(console);
    machine::enable_paging_features();
    const MemoryOptions options{
        .paging = {.large_pages = facts.cpu.large_pages, .global_pages = facts.cpu.global_pages},
        .early_limit = handoff.early_limit,
        .heap_maximum = facts.settings.heap_maximum,
        .heap_mode = facts.settings.heap_mode};
    Torus torus(&hardware, facts, map, options, alarm);
    torus.install();
    torus.memory.commit.set_policy(facts.settings.overcommit);
    torus.memory.pager.use_policy(facts.settings.replacement);
    torus.memory.pager.use_clusters(facts.settings.limits.frame_size() / page_size);
    print_memory(console, torus.memory.map);
    print_limits(console, facts.settings.limits, unused_ram);
    const SystemFacts told{.cpu = facts.cpu, .command_line = facts.loader.command_line.view()};
    Userland userland(torus.memory, told, archive_of(facts.loader), console);
    torus.userland = &userland;
    userland.randomise_addresses = facts.settings.randomise_addresses;
    report_program_faults(userland, facts.settings.fault_reports);
    std::optional<SlowPages> slow;
    if (facts.settings.slow_pages != 0) {
        slow.emplace(userland.processes, facts.settings.slow_pages);
    }
    std::optional<ChaosPaging> chaos;
    if (facts.settings.chaos_paging) {
        chaos.emplace(userland);
    }
    DiskNotices disk_notices;
    userland.disks.find(disk_notices, facts.settings.disk_dma);
    print_disks(console, userland.disks);
    machine::enable_interrupts();
    userland.disks.find_partitions();
    if (facts.settings.archive) {
        add_archive(userland, *facts.settings.archive, console);
    }
    swap_on(userland, facts.settings.swap.value_or(""), console);
    Shell shell(torus, QUIRE_VERSION " (" QUIRE_COMMIT ")");
    serve(torus, shell, facts.settings);
}

} // namespace quire
