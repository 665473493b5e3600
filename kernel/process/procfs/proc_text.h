// The texts of /proc, one function each. proc(5) and Linux's Documentation/filesystems/proc.rst say what is in them;
// the spacing is that of Linux 6.1, for programs that count columns. What Quire has none of is 0.
#pragma once

#include "kernel/process/procfs/proc_file_system.h"

namespace quire::proc_text {

// Memory (proc_memory_text.cpp).
void memory_information(const ProcSubject& subject, Sink& sink);
void memory_events(const ProcSubject& subject, Sink& sink);
void most_regions(const ProcSubject& subject, Sink& sink);
Result<void> set_most_regions(const ProcSubject& subject, std::string_view text);
void overcommit_policy(const ProcSubject& subject, Sink& sink);
Result<void> set_overcommit_policy(const ProcSubject& subject, std::string_view text);

// The system (proc_system_text.cpp).
void statistics(const ProcSubject& subject, Sink& sink);
void uptime(const ProcSubject& subject, Sink& sink);
void load_average(const ProcSubject& subject, Sink& sink);
void version(const ProcSubject& subject, Sink& sink);
void processor(const ProcSubject& subject, Sink& sink);
void mounts(const ProcSubject& subject, Sink& sink);
void mount_information(const ProcSubject& subject, Sink& sink);
void file_systems(const ProcSubject& subject, Sink& sink);
void locks(const ProcSubject& subject, Sink& sink);
void command_line(const ProcSubject& subject, Sink& sink);

// Processes (proc_process_text.cpp).
void status(const ProcSubject& subject, Sink& sink);
void process_statistics(const ProcSubject& subject, Sink& sink);
void arguments(const ProcSubject& subject, Sink& sink);
void environment(const ProcSubject& subject, Sink& sink);
void title(const ProcSubject& subject, Sink& sink);
Result<void> set_title(const ProcSubject& subject, std::string_view text);
void limits(const ProcSubject& subject, Sink& sink);
void personality(const ProcSubject& subject, Sink& sink);
void system_call(const ProcSubject& subject, Sink& sink);
void waiting_place(const ProcSubject& subject, Sink& sink);

// Who is ended when memory runs out (proc_out_of_memory_text.cpp).
void out_of_memory_score(const ProcSubject& subject, Sink& sink);
void out_of_memory_adjustment(const ProcSubject& subject, Sink& sink);
Result<void> set_out_of_memory_adjustment(const ProcSubject& subject, std::string_view text);
void old_out_of_memory_adjustment(const ProcSubject& subject, Sink& sink);
Result<void> set_old_out_of_memory_adjustment(const ProcSubject& subject, std::string_view text);

// Their memory (proc_maps_text.cpp).
void maps(const ProcSubject& subject, Sink& sink);
void memory_maps(const ProcSubject& subject, Sink& sink);
void memory_maps_summary(const ProcSubject& subject, Sink& sink);
void memory_pages(const ProcSubject& subject, Sink& sink);

// Taken by what many texts need.
[[nodiscard]] constexpr std::uint64_t kibibytes(std::uint64_t pages) {
    return pages * 4;
}

} // namespace quire::proc_text
