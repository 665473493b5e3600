// /proc: what the kernel knows of processes, memory and itself, as text in Linux's formats (proc(5)), so that Linux's
// programs can read it. An inode is made for each look at a name and goes with its last user; what is in it is asked
// for when it is read. Nothing is kept of a process but its id: one that has ended is no longer there.
#pragma once

#include "kernel/fs/vfs/file_system.h"
#include "kernel/fs/vfs/inode.h"
#include "kernel/fs/vfs/mounts.h"
#include "kernel/process/process_table.h"
#include "kernel/process/system_facts.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace quire {

class BlockDevices;
class LockTable;
class ProcFileSystem;
class Terminal;

// What a text is made from. The process is null for the files that are no process's.
struct ProcSubject {
    ProcessTable& table;
    const ProcFileSystem& system;
    Process* process = nullptr;
    // Part of the process's memory that is to be printed is on its way: the text is to be printed again.
    mutable bool must_wait = false;
};

// What a name in /proc stands for.
enum class ProcKind : std::uint8_t {
    text,         // printed
    directory,    // of the names in `inside`
    page_map,     // a binary file: a word for each page
    descriptors,  // a directory: a link for each open file
    descriptor,   // such a link
    mapped_files, // a directory: a link for each region with a file behind it
    mapped_file,  // such a link
    tasks,        // a directory: the one thread of the process
    self,         // a link to the caller's directory
    executable,   // links to files of the process
    working_directory,
    root,
    path, // a link to a path relative to its directory
};

// A name in one of /proc's directories.
struct ProcName {
    std::string_view name;
    std::uint32_t permissions = 0444;
    ProcKind kind = ProcKind::text;
    void (*print)(const ProcSubject& subject, Sink& sink) = nullptr;
    // What is written to it, where it may be. Errors: invalid_argument.
    Result<void> (*write)(const ProcSubject& subject, std::string_view text) = nullptr;
    std::span<const ProcName> inside{};
    std::string_view target{};
};

// The names of the files that are no process's, and of those that each process has: its threads' directory the last.
[[nodiscard]] std::span<const ProcName> proc_system_names();
[[nodiscard]] std::span<const ProcName> proc_process_names();

class ProcFileSystem final : public FileSystem {
public:
    // `mounts` may still grow. All must outlive it.
    ProcFileSystem(Memory& its_memory, FileServices& its_services, ProcessTable& processes, const SystemFacts& facts,
                   const Terminal& terminal, const MountTable& mounts, const LockTable& locks,
                   const BlockDevices& block_devices);
    ~ProcFileSystem() = default;

    // The root directory. Error: out_of_memory.
    [[nodiscard]] Result<Inode*> make_root();
    [[nodiscard]] FileSystemStatus status() override;
    [[nodiscard]] ProcessTable& processes() const { return *processes_; }
    [[nodiscard]] const SystemFacts& facts() const { return *facts_; }
    [[nodiscard]] const Terminal& terminal() const { return *terminal_; }
    [[nodiscard]] const MountTable& mounts() const { return *mounts_; }
    [[nodiscard]] const LockTable& locks() const { return *locks_; }
    [[nodiscard]] const BlockDevices& block_devices() const { return *block_devices_; }

private:
    ProcessTable* processes_;
    const SystemFacts* facts_;
    const Terminal* terminal_;
    const MountTable* mounts_;
    const LockTable* locks_;
    const BlockDevices* block_devices_;
};

} // namespace quire
