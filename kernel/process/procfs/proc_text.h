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
void swappiness(const ProcSubject& subject, Sink& sink);
Result<void> set_swappiness(const ProcSubject& subject, std::string_view text);
void overcommit_policy(const ProcSubject& subject, Sink& sink);
Result<void> set_overcommit_policy(const ProcSubject& subject, std::string_view text);

// Time lost by waiting (proc_pressure_text.cpp).
void memory_pressure(const ProcSubject& subject, Sink& sink);
void io_pressure(const ProcSubject& subject, Sink& sink);

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

// Block devices (proc_disk_text.cpp).
void partitions(const ProcSubject& subject, Sink& sink);
void swap_areas(const ProcSubject& subject, Sink& sink);
void disk_statistics(const ProcSubject& subject, Sink& sink);

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

// Text that knows how wide it is, for names that stand in a column.
class LineSink final : public Sink {
public:
    explicit LineSink(Sink& sink) : sink_(&sink) {}
    void write(std::string_view text) override {
        sink_->write(text);
        width_ += text.size();
    }
    void fill_to(std::size_t column) {
        while (width_ < column) {
            write(" ");
        }
    }

private:
    Sink* sink_;
    std::size_t width_ = 0;
};

} // namespace quire::proc_text
