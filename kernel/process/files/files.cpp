// Building the tree of files at boot.
#include "kernel/process/files/files.h"

#include "arch/x86/include/devices.h"
#include "kernel/memory/object.h"
#include "kernel/process/files/archive_file_system.h"
#include "kernel/process/files/device_file_system.h"
#include "kernel/process/files/terminal_device.h"

#include <algorithm>

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

// Error: out_of_memory. Where the archive has something else in the place, that is said, and it stays.
Result<void> mount(ArchiveFileSystem& root, std::string_view path, Inode& what, Sink& notes) {
    const Result<ArchiveNode*> directory = root.make_directory(path);
    if (directory) {
        (*directory)->mount(what);
    } else if (directory.error() == Error::not_directory) {
        print(notes, "boot archive: {} is no directory, and hides what belongs there\n", path);
    } else {
        return fail(directory.error());
    }
    return {};
}

} // namespace

Files::Files(Memory& memory, ArchiveFileSystem& root, DeviceFileSystem& devices, Console& console)
    : memory_(&memory), archive_(&root), devices_(&devices), console_(&console), names_(root.root()) {}

Result<Files*> Files::create(Memory& memory, FileServices& services, std::optional<ArchiveExtent> archive,
                             Sink& notes) {
    const Result<ArchiveFileSystem*> root =
        ArchiveFileSystem::create(memory, services, archive ? reachable(*archive) : ArchiveExtent(), notes);
    if (!root) {
        return fail(root.error());
    }
    const Result<ConsoleLine*> line = make_object<ConsoleLine>(memory.heap);
    if (!line) {
        return fail(line.error());
    }
    const Result<Console*> console = make_object<Console>(memory.heap, services, **line);
    if (!console) {
        return fail(console.error());
    }
    const Result<DeviceFileSystem*> devices = make_object<DeviceFileSystem>(memory.heap, memory, services, **console);
    if (!devices) {
        return fail(devices.error());
    }
    if (const Result<void> mounted = mount(**root, "/dev", (*devices)->root(), notes); !mounted) {
        return fail(mounted.error());
    }
    return make_object<Files>(memory.heap, memory, **root, **devices, **console);
}

Terminal& Files::console() {
    return console_->terminal;
}

Result<Ref<File>> Files::open_console() {
    return File::open(devices_->console(), open_flag::read_write | open_flag::no_controlling_terminal);
}

Result<PipeEnds> Files::make_pipe(std::uint32_t flags) {
    static_cast<void>(flags);
    return fail(Error::no_system_call);
}

Result<Ref<File>> Files::make_memory_file(std::string_view name) {
    static_cast<void>(name);
    return fail(Error::no_system_call);
}

std::uint32_t Files::give_back_unused() {
    return archive_->give_back_unused();
}

} // namespace quire
