// What names there are in /proc.
#include "kernel/process/files/proc_text.h"
#include "kernel/process/uname_text.h"

namespace quire {

namespace {

constexpr std::uint32_t everybody_may_write = 0644, owner_reads = 0400, link = 0777, directory = 0555;

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
void most_regions(const ProcSubject&, Sink& sink) {
    print(sink, "{}\n", 65530);
}
void zero(const ProcSubject&, Sink& sink) {
    print(sink, "0\n");
}
void largest_pipe(const ProcSubject&, Sink& sink) {
    print(sink, "{}\n", 1048576);
}
Result<void> take_anything(const ProcSubject&, std::string_view) {
    return {};
}

constexpr ProcName kernel_names[] = {
    {.name = "domainname", .print = constant<uname_text::domain>},
    {.name = "hostname", .print = constant<uname_text::node>},
    {.name = "osrelease", .print = constant<uname_text::release>},
    {.name = "ostype", .print = constant<uname_text::system>},
    {.name = "pid_max", .print = largest_process_id},
    {.name = "randomize_va_space", .print = zero},
    {.name = "version", .print = constant<uname_text::version>},
};
constexpr ProcName vm_names[] = {
    {.name = "max_map_count", .print = most_regions},
    {.name = "overcommit_memory",
     .permissions = everybody_may_write,
     .print = proc_text::overcommit_policy,
     .write = proc_text::set_overcommit_policy},
    {.name = "swappiness", .print = zero},
};
constexpr ProcName fs_names[] = {
    {.name = "nr_open", .print = most_open_files},
    {.name = "pipe-max-size", .print = largest_pipe},
};
constexpr ProcName sys_names[] = {
    {.name = "fs", .permissions = directory, .kind = ProcKind::directory, .inside = fs_names},
    {.name = "kernel", .permissions = directory, .kind = ProcKind::directory, .inside = kernel_names},
    {.name = "vm", .permissions = directory, .kind = ProcKind::directory, .inside = vm_names},
};

constexpr ProcName system_names[] = {
    {.name = "cmdline", .print = proc_text::command_line},
    {.name = "cpuinfo", .print = proc_text::processor},
    {.name = "filesystems", .print = proc_text::file_systems},
    {.name = "loadavg", .print = proc_text::load_average},
    {.name = "locks", .print = proc_text::locks},
    {.name = "meminfo", .print = proc_text::memory_information},
    {.name = "mounts", .permissions = link, .kind = ProcKind::path, .target = "self/mounts"},
    {.name = "self", .permissions = link, .kind = ProcKind::self},
    {.name = "stat", .print = proc_text::statistics},
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
    {.name = "fd", .permissions = directory, .kind = ProcKind::descriptors},
    {.name = "limits", .print = proc_text::limits},
    {.name = "maps", .print = proc_text::maps},
    {.name = "mounts", .print = proc_text::mounts},
    {.name = "oom_score", .print = zero},
    {.name = "oom_score_adj", .permissions = everybody_may_write, .print = zero, .write = take_anything},
    {.name = "pagemap", .permissions = owner_reads, .kind = ProcKind::page_map},
    {.name = "root", .permissions = link, .kind = ProcKind::root},
    {.name = "smaps", .print = proc_text::memory_maps},
    {.name = "smaps_rollup", .print = proc_text::memory_maps_summary},
    {.name = "stat", .print = proc_text::process_statistics},
    {.name = "statm", .print = proc_text::memory_pages},
    {.name = "status", .print = proc_text::status},
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
