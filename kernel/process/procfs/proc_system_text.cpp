// What /proc tells of the system: times, version, processor, mounts.
#include "kernel/fs/locks/file_locks.h"
#include "kernel/machine/devices.h"
#include "kernel/process/procfs/proc_text.h"
#include "kernel/process/uname_text.h"

namespace quire::proc_text {

namespace {

constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
static_assert(machine::ticks_per_second == 100, "times in /proc are in hundredths of a second, as a tick is");

void print_ticks(Sink& sink, std::string_view label, const TicksUsed& ticks) {
    print(sink, "{} {} 0 {} {} 0 0 0 0 0 0\n", label, ticks.user, ticks.system, ticks.idle);
}

void print_hundredths(Sink& sink, std::uint64_t hundredths) {
    print(sink, "{}.{:02}", hundredths / 100, hundredths % 100);
}

} // namespace

void statistics(const ProcSubject& subject, Sink& sink) {
    const TicksUsed& ticks = subject.table.scheduler.ticks_used();
    FileServices& services = subject.system.services;
    const std::uint64_t seconds_up = services.uptime() / nanoseconds_per_second;
    print_ticks(sink, "cpu ", ticks);
    print_ticks(sink, "cpu0", ticks);
    print(sink, "intr {}\nctxt {}\n", machine::ticks(), subject.table.scheduler.switches());
    print(sink, "btime {}\n", services.now().seconds - static_cast<std::int64_t>(seconds_up));
    print(sink, "processes {}\nprocs_running {}\nprocs_blocked {}\n", subject.table.made(),
          subject.table.scheduler.running(), subject.table.scheduler.pressure.waiting_for_io());
    print(sink, "softirq 0 0 0 0 0 0 0 0 0 0 0\n");
}

void uptime(const ProcSubject& subject, Sink& sink) {
    constexpr std::uint64_t nanoseconds_per_hundredth = nanoseconds_per_second / 100;
    print_hundredths(sink, subject.system.services.uptime() / nanoseconds_per_hundredth);
    print(sink, " ");
    print_hundredths(sink, subject.table.scheduler.ticks_used().idle);
    print(sink, "\n");
}

void load_average(const ProcSubject& subject, Sink& sink) {
    for (const std::uint32_t load : subject.table.scheduler.load().averages()) {
        constexpr std::uint32_t half_of_hundredth = (1U << LoadAverage::fraction_bits) / 200;
        print_hundredths(sink, std::uint64_t{load + half_of_hundredth} * 100 >> LoadAverage::fraction_bits);
        print(sink, " ");
    }
    print(sink, "{}/{} {}\n", subject.table.scheduler.running(), subject.table.count(), subject.table.last_id());
}

void version(const ProcSubject&, Sink& sink) {
    print(sink, "{} version {} (quire) {}\n", uname_text::system, uname_text::release, uname_text::version);
}

void processor(const ProcSubject& subject, Sink& sink) {
    const machine::CpuFeatures& cpu = subject.system.facts().cpu;
    const std::string_view brand(cpu.brand.data());
    print(sink, "processor\t: 0\nvendor_id\t: {}\n", std::string_view(cpu.vendor.data()));
    print(sink, "model name\t: {}\n", brand.empty() ? std::string_view("unknown") : brand);
    print(sink, "physical id\t: 0\nsiblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\nfpu\t\t: yes\nwp\t\t: yes\n");
    print(sink, "flags\t\t:");
    struct Flag {
        std::uint32_t bit;
        std::string_view name;
    };
    // CPUID.1:EDX, by Linux's names for its bits.
    constexpr std::array<Flag, 12> flags{{{0, "fpu"},
                                          {3, "pse"},
                                          {4, "tsc"},
                                          {5, "msr"},
                                          {8, "cx8"},
                                          {9, "apic"},
                                          {13, "pge"},
                                          {15, "cmov"},
                                          {23, "mmx"},
                                          {24, "fxsr"},
                                          {25, "sse"},
                                          {26, "sse2"}}};
    for (const Flag& each : flags) {
        if ((cpu.leaf_1_edx >> each.bit & 1) != 0) {
            print(sink, " {}", each.name);
        }
    }
    print(sink, "\naddress sizes\t: 32 bits physical, 32 bits virtual\n\n");
}

void mounts(const ProcSubject& subject, Sink& sink) {
    for (const MountedFileSystem& each : subject.system.mounts()) {
        print(sink, "{} {} {} {},relatime 0 0\n", each.system->type(), each.path, each.system->type(),
              each.system->read_only() ? "ro" : "rw");
    }
}

namespace {

// Whether what is mounted at `path` lies below `above`.
bool lies_below(std::string_view path, std::string_view above) {
    return path.size() > above.size() && path.starts_with(above) && (above == "/" || path[above.size()] == '/');
}

// Mounts are numbered from here on, in the order they were made.
constexpr std::size_t first_mount = 20;

} // namespace

void mount_information(const ProcSubject& subject, Sink& sink) {
    const MountTable& mounts = subject.system.mounts();
    for (std::size_t at = 0; at < mounts.size(); ++at) {
        std::size_t parent = 0;
        for (std::size_t other = 0; other < mounts.size(); ++other) {
            const bool nearer = mounts[other].path.size() > mounts[parent].path.size();
            parent = nearer && lies_below(mounts[at].path, mounts[other].path) ? other : parent;
        }
        const FileSystem& system = *mounts[at].system;
        const std::string_view access = system.read_only() ? "ro" : "rw";
        print(sink, "{} {} {}:{} / {} ", first_mount + at, at == 0 ? 1 : first_mount + parent, system.device() >> 8,
              system.device() & 0xFF, mounts[at].path);
        print(sink, "{},relatime - {} {} {}\n", access, system.type(), system.type(), access);
    }
}

void file_systems(const ProcSubject&, Sink& sink) {
    for (const std::string_view each : {"rootfs", "tmpfs", "devtmpfs", "proc", "pipefs"}) {
        print(sink, "nodev\t{}\n", each);
    }
}

void locks(const ProcSubject& subject, Sink& sink) {
    subject.system.locks().print(sink);
}

void command_line(const ProcSubject& subject, Sink& sink) {
    print(sink, "{}\n", subject.system.facts().command_line);
}

} // namespace quire::proc_text
