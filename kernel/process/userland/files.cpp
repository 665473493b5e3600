// Building the tree of files at boot.
#include "kernel/process/userland/files.h"

#include "kernel/fs/archive/archive_file_system.h"
#include "kernel/fs/device/device_file_system.h"
#include "kernel/fs/device/terminal_device.h"
#include "kernel/fs/memory/memory_file_system.h"
#include "kernel/fs/pipe/pipe_file_system.h"
#include "kernel/lib/panic.h"
#include "kernel/machine/devices.h"
#include "kernel/memory/heap/object.h"
#include "kernel/process/procfs/proc_file_system.h"

#include <algorithm>
#include <array>

namespace quire {

namespace {

// The terminal's way out. It ends lines itself.
class ConsoleLine final : public Sink {
public:
    void write(std::string_view text) override { machine::console_send(text); }
};

// The part of an extent that lies below 4 GiB.
ArchiveExtent reachable(ArchiveExtent extent) {
    const std::uint64_t room = (std::uint64_t{1} << 32) - extent.start.value();
    return {extent.start, static_cast<std::uint32_t>(std::min<std::uint64_t>(extent.size, room))};
}

constexpr std::uint32_t first_memory_device = 20; // minor numbers, one for each memory file system
constexpr std::uint32_t for_everybody = 01777, for_root = 0755;

// Where programs may write, each a file system of its own.
struct WritableDirectory {
    std::string_view path;
    std::uint32_t permissions;
};
constexpr auto writable_directories = std::to_array<WritableDirectory>(
    {{"/tmp", for_everybody}, {"/var/tmp", for_everybody}, {"/run", for_root}, {"/dev/shm", for_everybody}});

void note_mount(Files::Parts& parts, std::string_view path, const FileSystem& system) {
    ensure(parts.mounts.push_back({path, &system}), "there is room to note what boot mounts");
}

// Error: out_of_memory. Where the archive has something else in the place, that is said, and it stays.
Result<void> mount_in_archive(Files::Parts& parts, std::string_view path, Inode& root, Sink& notes) {
    const Result<ArchiveNode*> directory = parts.archive->make_directory(path);
    if (directory) {
        (*directory)->mount(root);
        note_mount(parts, path, root.file_system());
        return {};
    }
    if (directory.error() == Error::not_directory) {
        print(notes, "boot archive: {} is no directory, and hides what belongs there\n", path);
        return {};
    }
    return fail(directory.error());
}

// Makes the parts of a Files, one after the other. What is made stays where a later one fails: the machine cannot run
// then.
class Builder {
public:
    Builder(Memory& memory, FileServices& services, Sink& notes)
        : memory_(&memory), services_(&services), notes_(&notes) {}

    Result<void> build(ArchiveExtent archive) {
        Result<void> done = keep(parts.archive, ArchiveFileSystem::create(*memory_, *services_, archive, *notes_));
        if (done) {
            note_mount(parts, "/", *parts.archive);
            done = build_devices();
        }
        if (done) {
            done = keep(parts.pipes, make_object<PipeFileSystem>(memory_->heap, *memory_, *services_));
        }
        if (done) {
            done = keep(parts.nameless, make_memory(for_everybody));
        }
        for (const WritableDirectory& each : writable_directories) {
            if (done) {
                done = mount_memory(each);
            }
        }
        return done;
    }

    Files::Parts parts;

private:
    template <class T> static Result<void> keep(T*& part, Result<T*> made) {
        if (!made) {
            return fail(made.error());
        }
        part = *made;
        return {};
    }

    Result<void> build_devices() {
        const Result<ConsoleLine*> line = make_object<ConsoleLine>(memory_->heap);
        if (!line) {
            return fail(line.error());
        }
        Result<void> done = keep(parts.console, make_object<Console>(memory_->heap, *services_, **line));
        if (done) {
            done =
                keep(parts.devices, make_object<DeviceFileSystem>(memory_->heap, *memory_, *services_, *parts.console));
        }
        return done ? mount("/dev", parts.devices->root()) : done;
    }

    // Together they may fill half of the memory that boot has left free: what is in files is nobody's, and so nobody's
    // end would free it.
    Result<MemoryFileSystem*> make_memory(std::uint32_t permissions) {
        if (parts.file_pages == nullptr) {
            const FilePages all{.of_ram = memory_->free_at_boot() / 2};
            if (const Result<void> made = keep(parts.file_pages, make_object<FilePages>(memory_->heap, all)); !made) {
                return fail(made.error());
            }
        }
        const std::uint32_t device = device_number(0, first_memory_device + ++memory_systems_);
        return MemoryFileSystem::create(*memory_, *services_, device, *parts.file_pages, permissions);
    }

    Result<void> mount_memory(const WritableDirectory& directory) {
        const Result<MemoryFileSystem*> made = make_memory(directory.permissions);
        if (!made) {
            return fail(made.error());
        }
        if (directory.path != "/dev/shm") {
            return mount(directory.path, (*made)->root());
        }
        parts.devices->shared_memory().mount((*made)->root());
        note_mount(parts, directory.path, **made);
        return {};
    }

    Result<void> mount(std::string_view path, Inode& root) { return mount_in_archive(parts, path, root, *notes_); }

    Memory* memory_;
    FileServices* services_;
    Sink* notes_;
    std::uint32_t memory_systems_ = 0;
};

} // namespace

Files::Files(const Parts& parts)
    : parts_(parts), names_(parts.archive->root()), locks_(parts.pipes->memory.heap, parts.pipes->services) {}

Result<Files*> Files::create(Memory& memory, FileServices& services, std::optional<ArchiveExtent> archive,
                             Sink& notes) {
    Builder builder(memory, services, notes);
    if (const Result<void> built = builder.build(archive ? reachable(*archive) : ArchiveExtent()); !built) {
        return fail(built.error());
    }
    return make_object<Files>(memory.heap, builder.parts);
}

Result<void> Files::add_archive(BlockDevice& device, Scheduler& scheduler, Sink& notes) {
    return parts_.archive->add_disk(device, scheduler, notes);
}

void Files::show_block_devices(BlockDevices& devices) {
    parts_.devices->block_files().show(devices);
}

Result<void> Files::show_processes(ProcessTable& processes, const SystemFacts& facts, const BlockDevices& block_devices,
                                   Sink& notes) {
    Memory& memory = parts_.devices->memory;
    const Result<ProcFileSystem*> system =
        make_object<ProcFileSystem>(memory.heap, memory, parts_.devices->services, processes, facts, console(),
                                    parts_.mounts, locks_, block_devices);
    if (!system) {
        return fail(system.error());
    }
    const Result<Inode*> root = (*system)->make_root();
    if (!root) {
        return fail(root.error());
    }
    return mount_in_archive(parts_, "/proc", **root, notes);
}

Terminal& Files::console() {
    return parts_.console->terminal;
}

Result<Ref<File>> Files::open_console() {
    return File::open(parts_.devices->console(), open_flag::read_write | open_flag::no_controlling_terminal);
}

Result<PipeEnds> Files::make_pipe(std::uint32_t flags) {
    const Result<Ref<Inode>> pipe = parts_.pipes->make();
    if (!pipe) {
        return fail(pipe.error());
    }
    const std::uint32_t kept = flags & (open_flag::nonblocking | open_flag::direct);
    Result<Ref<File>> read = File::open(**pipe, open_flag::read_only | kept);
    if (!read) {
        return fail(read.error());
    }
    Result<Ref<File>> write = File::open(**pipe, open_flag::write_only | kept);
    if (!write) {
        return fail(write.error());
    }
    return PipeEnds{*std::move(read), *std::move(write)};
}

Result<Ref<File>> Files::make_memory_file(std::string_view name, Sealing sealing) {
    constexpr std::string_view prefix = "/memfd:"; // what /proc/PID/maps shows of it
    constexpr std::size_t longest = 249;           // bytes, as Linux has it
    std::array<char, longest + prefix.size()> full{};
    if (name.size() > longest) {
        return fail(Error::invalid_argument);
    }
    BufferSink text(full);
    print(text, "{}{}", prefix, name);
    const Result<MemoryFile*> made = parts_.nameless->make_nameless(text.text(), 0777, nullptr);
    if (!made) {
        return fail(made.error());
    }
    const Ref<Inode> inode = Ref<Inode>::adopt(*made);
    if (sealing == Sealing::allowed) {
        (*made)->allow_seals();
    }
    return File::open(*inode, open_flag::read_write | open_flag::large_file);
}

std::uint32_t Files::give_back_unused() {
    return parts_.archive->give_back_unused();
}

void Files::forget_unused() {
    parts_.archive->forget_unused();
}

} // namespace quire
