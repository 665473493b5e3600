// All that has a descriptor, put together: the tree of files (the boot archive with /dev, /proc, /tmp, /run and
// /dev/shm mounted on it), the console as a terminal, and what has no name: pipes and memory files. Built once, after
// the memory; the processes use it.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/memory/memory.h"
#include "kernel/process/files/file.h"
#include "kernel/process/files/file_services.h"
#include "kernel/process/files/namespace.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace quire {

class Terminal;

// Where the boot archive lies in physical memory, bytes.
struct ArchiveExtent {
    PhysAddr start;
    std::uint32_t size = 0;
};

// The two ends of a pipe.
struct PipeEnds {
    Ref<File> read, write;
};

class Files {
public:
    // Builds the tree. What is wrong with the archive is said to `notes`, and what could be read of it is there.
    // Without an archive the root is empty but for the mount points. Error: out_of_memory.
    [[nodiscard]] static Result<Files*> create(Memory& memory, FileServices& services,
                                               std::optional<ArchiveExtent> archive, Sink& notes);

    [[nodiscard]] virtual const Namespace& names() const = 0;
    // The console: input goes to its receive().
    [[nodiscard]] virtual Terminal& console() = 0;
    // /dev/console opened for reading and writing, as the first process has it for descriptors 0, 1 and 2.
    [[nodiscard]] virtual Result<Ref<File>> open_console() = 0;

    // `flags`: O_NONBLOCK, O_CLOEXEC is the table's business. Error: out_of_memory.
    [[nodiscard]] virtual Result<PipeEnds> make_pipe(std::uint32_t flags) = 0;
    // A file in memory that no directory knows, open for reading and writing. Errors: out_of_memory.
    [[nodiscard]] virtual Result<Ref<File>> make_memory_file(std::string_view name) = 0;

protected:
    ~Files() = default;
};

} // namespace quire
