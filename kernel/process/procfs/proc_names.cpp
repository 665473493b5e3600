// What names there are in /proc.
#include "kernel/process/procfs/proc_text.h"
#include "kernel/process/uname_text.h"

namespace quire {

namespace {

constexpr std::uint32_t everybody_may_write = 0644, owner_reads = 0400, link = 0777, directory = 0555,
                        owners_directory = 0500;

template <const std::string_view& text> void constant(const ProcSubject&, Sink& sink) {
    print(sink, "{}\n", text);
}

// Limits that Linux tells, as far as Quire has them.
void largest_process_id(const ProcSubject&, Sink& sink) {
    print(sink, "{}\n", ProcessTable::most_ids);
}
void most_open_files(const ProcSubject&, Sink& sink) {
    print(sink, "{}\n", FileTable::most_descriptors);
}
template <std::uint32_t value> void number(const ProcSubject&, Sink& sink) {
    print(sink, "{}\n", value);
}
constexpr auto zero = number<0>;
constexpr std::string_view core_pattern = "core"; // by what name Linux would write one; nothing is written here
constexpr std::uint32_t lowest_address = area(AreaKind::user).first.value();

constexpr ProcName kernel_names[] = {
    {.name = "cap_last_cap", .print = number<40>},
    {.name = "core_pattern", .print = constant<core_pattern>},
    {.name = "domainname", .print = constant<uname_text::domain>},
    {.name = "hostname", .print = constant<uname_text::node>},
    {.name = "ngroups_max", .print = number<65536>},
    {.name = "osrelease", .print = constant<uname_text::release>},
    {.name = "ostype", .print = constant<uname_text::system>},
    {.name = "pid_max", .print = largest_process_id},
    {.name = "randomize_va_space", .print = zero},
    {.name = "tainted", .print = zero},
    {.name = "threads-max", .print = largest_process_id},
    {.name = "version", .print = constant<uname_text::version>},
};
constexpr ProcName vm_names[] = {
    {.name = "max_map_count",
     .permissions = everybody_may_write,
     .print = proc_text::most_regions,
     .write = proc_text::set_most_regions},
    {.name = "mmap_min_addr", .print = number<lowest_address>},
    {.name = "overcommit_memory",
     .permissions = everybody_may_write,
     .print = proc_text::overcommit_policy,
     .write = proc_text::set_overcommit_policy},
    {.name = "swappiness",
     .permissions = everybody_may_write,
     .print = proc_text::swappiness,
     .write = proc_text::set_swappiness},
};
constexpr ProcName fs_names[] = {
    {.name = "nr_open", .print = most_open_files},
    {.name = "pipe-max-size", .print = number<1048576>},
    {.name = "pipe-user-pages-soft", .print = number<16384>}, // root is not held to either
};
constexpr ProcName sys_names[] = {
    {.name = "fs", .permissions = directory, .kind = ProcKind::directory, .inside = fs_names},
    {.name = "kernel", .permissions = directory, .kind = ProcKind::directory, .inside = kernel_names},
    {.name = "vm", .permissions = directory, .kind = ProcKind::directory, .inside = vm_names},
};

constexpr ProcName pressure_names[] = {
    {.name = "io", .print = proc_text::io_pressure},
    {.name = "memory", .print = proc_text::memory_pressure},
};

constexpr ProcName system_names[] = {
    {.name = "cmdline", .print = proc_text::command_line},
    {.name = "cpuinfo", .print = proc_text::processor},
    {.name = "diskstats", .print = proc_text::disk_statistics},
    {.name = "filesystems", .print = proc_text::file_systems},
    {.name = "loadavg", .print = proc_text::load_average},
    {.name = "locks", .print = proc_text::locks},
    {.name = "meminfo", .print = proc_text::memory_information},
    {.name = "mounts", .permissions = link, .kind = ProcKind::path, .target = "self/mounts"},
    {.name = "partitions", .print = proc_text::partitions},
    {.name = "pressure", .permissions = directory, .kind = ProcKind::directory, .inside = pressure_names},
    {.name = "self", .permissions = link, .kind = ProcKind::self},
    {.name = "stat", .print = proc_text::statistics},
    {.name = "swaps", .print = proc_text::swap_areas},
    {.name = "sys", .permissions = directory, .kind = ProcKind::directory, .inside = sys_names},
    {.name = "thread-self", .permissions = link, .kind = ProcKind::self},
    {.name = "uptime", .print = proc_text::uptime},
    {.name = "version", .print = proc_text::version},
    {.name = "vmstat", .print = proc_text::memory_events},
};

constexpr ProcName process_names[] = {
    {.name = "cmdline", .print = proc_text::arguments},
    {.name = "comm", .permissions = everybody_may_write, .print = proc_text::title, .write = proc_text::set_title},
    {.name = "cwd", .permissions = link, .kind = ProcKind::working_directory},
    {.name = "environ", .permissions = owner_reads, .print = proc_text::environment},
    {.name = "exe", .permissions = link, .kind = ProcKind::executable},
    {.name = "fd", .permissions = owners_directory, .kind = ProcKind::descriptors},
    {.name = "limits", .print = proc_text::limits},
    {.name = "map_files", .permissions = owners_directory, .kind = ProcKind::mapped_files},
    {.name = "maps", .print = proc_text::maps},
    {.name = "mountinfo", .print = proc_text::mount_information},
    {.name = "mounts", .print = proc_text::mounts},
    {.name = "oom_adj",
     .permissions = everybody_may_write,
     .print = proc_text::old_out_of_memory_adjustment,
     .write = proc_text::set_old_out_of_memory_adjustment},
    {.name = "oom_score", .print = proc_text::out_of_memory_score},
    {.name = "oom_score_adj",
     .permissions = everybody_may_write,
     .print = proc_text::out_of_memory_adjustment,
     .write = proc_text::set_out_of_memory_adjustment},
    {.name = "pagemap", .permissions = owner_reads, .kind = ProcKind::page_map},
    {.name = "personality", .permissions = owner_reads, .print = proc_text::personality},
    {.name = "root", .permissions = link, .kind = ProcKind::root},
    {.name = "smaps", .print = proc_text::memory_maps},
    {.name = "smaps_rollup", .print = proc_text::memory_maps_summary},
    {.name = "stat", .print = proc_text::process_statistics},
    {.name = "statm", .print = proc_text::memory_pages},
    {.name = "status", .print = proc_text::status},
    {.name = "syscall", .permissions = owner_reads, .print = proc_text::system_call},
    {.name = "wchan", .print = proc_text::waiting_place},
    {.name = "task", .permissions = directory, .kind = ProcKind::tasks},
};

} // namespace

std::span<const ProcName> proc_system_names() {
    return system_names;
}

std::span<const ProcName> proc_process_names() {
    return process_names;
}

} // namespace quire
