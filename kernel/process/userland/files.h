// All that has a descriptor, put together: the tree of files (the boot archive with /dev, /proc, /tmp, /run and
// /dev/shm mounted on it), the console as a terminal, and what has no name: pipes and memory files. Built once, after
// the memory; the processes use it.
#pragma once

#include "kernel/fs/archive/archive_memory.h"
#include "kernel/fs/locks/file_locks.h"
#include "kernel/fs/vfs/file.h"
#include "kernel/fs/vfs/file_services.h"
#include "kernel/fs/vfs/mounts.h"
#include "kernel/fs/vfs/namespace.h"
#include "kernel/lib/format.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/memory/heap/shrinker.h"
#include "kernel/memory/memory.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace quire {

class ArchiveFileSystem;
class BlockDevice;
class BlockDevices;
class Console;
class DeviceFileSystem;
class MemoryFileSystem;
struct FilePages;
class PipeFileSystem;
class ProcessTable;
class Scheduler;
struct SystemFacts;
class Terminal;

// The two ends of a pipe.
struct PipeEnds {
    Ref<File> read, write;
};

class Files final : public Shrinker {
public:
    // Builds the tree. What is wrong with the archive is said to `notes`, and what could be read of it is there.
    // Without an archive the root is empty but for the mount points. What it is made of stays until the machine is
    // switched off. Error: out_of_memory.
    [[nodiscard]] static Result<Files*> create(Memory& memory, FileServices& services,
                                               std::optional<ArchiveExtent> archive, Sink& notes);
    // What it is made of.
    struct Parts {
        ArchiveFileSystem* archive = nullptr;
        Console* console = nullptr;
        DeviceFileSystem* devices = nullptr;
        PipeFileSystem* pipes = nullptr;
        FilePages* file_pages = nullptr;
        MemoryFileSystem* nameless = nullptr; // memory files that no directory knows
        MountTable mounts;
    };
    explicit Files(const Parts& parts); // by create() only
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    // What the archive on a disk holds is in the tree from now on: ArchiveFileSystem::add_disk(). Once.
    [[nodiscard]] Result<void> add_archive(BlockDevice& device, Scheduler& scheduler, Sink& notes);
    // These are in /dev from now on. Once.
    void show_block_devices(BlockDevices& devices);
    // Mounts /proc, which tells about these processes and devices. Once. Notes and error: as create().
    [[nodiscard]] Result<void> show_processes(ProcessTable& processes, const SystemFacts& facts,
                                              const BlockDevices& block_devices, Sink& notes);

    [[nodiscard]] const Namespace& names() const { return names_; }
    [[nodiscard]] LockTable& locks() { return locks_; }
    // What is typed goes to its receive().
    [[nodiscard]] Terminal& console();
    // /dev/console opened for reading and writing, as the first process has it for descriptors 0, 1 and 2. It becomes
    // nobody's controlling terminal by that: who starts the process says so to console().
    [[nodiscard]] Result<Ref<File>> open_console();

    // `flags`: O_NONBLOCK; O_CLOEXEC is the descriptor table's business. Error: out_of_memory.
    [[nodiscard]] Result<PipeEnds> make_pipe(std::uint32_t flags);
    // A file in memory that no directory knows (memfd_create), open for reading and writing. Errors: out_of_memory,
    // invalid_argument (a name of more than 249 bytes), no_space.
    enum class Sealing : std::uint8_t { forbidden, allowed };
    [[nodiscard]] Result<Ref<File>> make_memory_file(std::string_view name, Sealing sealing = Sealing::forbidden);

    // Shrinker: copies of the archive's pages.
    std::uint32_t give_back_unused() override;
    void forget_unused() override;

private:
    Parts parts_;
    Namespace names_;
    LockTable locks_;
};

} // namespace quire
