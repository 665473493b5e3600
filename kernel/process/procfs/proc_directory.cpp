// Directories of /proc: by table, by process, by descriptor.
#include "kernel/fs/vfs/path_text.h"
#include "kernel/lib/number.h"
#include "kernel/memory/heap/object.h"
#include "kernel/process/procfs/proc_inode.h"

namespace quire {

namespace {

// What a process's own directory, and that of its thread, is.
constexpr ProcName process_directory{.name = {}, .permissions = 0555, .kind = ProcKind::directory};
constexpr ProcName descriptor_link{.name = "fd", .kind = ProcKind::descriptor};
constexpr ProcName mapped_link{.name = "map_files", .kind = ProcKind::mapped_file};

// Where the processes come in a listing of /proc: behind all other names.
constexpr std::uint64_t first_process_position = 1000;

// A number as a name: decimal digits, not with a leading zero. Error: not_found.
Result<std::uint32_t> number_of(std::string_view name) {
    const bool digits = name.find_first_not_of("0123456789") == std::string_view::npos;
    const Result<std::uint32_t> number = parse_number_32(name);
    return digits && number && (name.size() == 1 || name.front() != '0') ? number : fail(Error::not_found);
}

template <class T, class... Arguments> Result<Ref<Inode>> make_inode(ProcFileSystem& system, Arguments&&... arguments) {
    Result<Ref<T>> made = adopt(make_object<T>(system.memory.heap, system, std::forward<Arguments>(arguments)...));
    if (!made) {
        return fail(made.error());
    }
    return Ref<Inode>(*std::move(made));
}

} // namespace

ProcDirectory::ProcDirectory(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process)
    : ProcInode(file_system, parent, name, process,
                parent == nullptr   ? 1
                : name.name.empty() ? proc_number::of_process(process)
                                    : proc_number::of(process, name.name)) {
    BufferSink sink(number_);
    print(sink, "{}", process);
    number_size_ = sink.text().size();
}

Inode* ProcDirectory::destroy() {
    Inode* const above = leave_parent();
    KernelHeap& heap = file_system().memory.heap;
    destroy_object(heap, this);
    return above;
}

FileStatus ProcDirectory::status() {
    FileStatus status = Inode::status();
    status.links = 2;
    return status;
}

std::string_view ProcDirectory::name() {
    return is_of_process() ? std::string_view(number_.data(), number_size_) : name_->name;
}

Result<Ref<Inode>> ProcDirectory::lookup(std::string_view name) {
    if (!process()) {
        return fail(Error::not_found);
    }
    for (const ProcName& each : names()) {
        if (each.name == name) {
            return make(each);
        }
    }
    const Result<std::uint32_t> id = number_of(name);
    return id && lists(*id) ? make_inode<ProcDirectory>(system(), this, process_directory, *id)
                            : fail(Error::not_found);
}

bool ProcDirectory::is_of_thread() const {
    return is_of_process() && parent_number() != root_number;
}

std::span<const ProcName> ProcDirectory::names() const {
    if (is_of_process()) {
        // A thread's directory has no further threads.
        const std::span<const ProcName> all = proc_process_names();
        return all.first(all.size() - (is_of_thread() ? 1 : 0));
    }
    return is_root() ? proc_system_names() : name_->inside;
}

// /proc lists all processes, a process's task directory its one thread, and no other directory any.
bool ProcDirectory::lists(std::uint32_t id) const {
    if (name_->kind == ProcKind::tasks) {
        return id == process_;
    }
    return is_root() && id != 0 && system().processes().find(id) != nullptr;
}

Result<Ref<Inode>> ProcDirectory::make(const ProcName& name) {
    switch (name.kind) {
    case ProcKind::text: return make_inode<ProcText>(system(), this, name, process_);
    case ProcKind::page_map: return make_inode<ProcPageMap>(system(), this, name, process_);
    case ProcKind::directory:
    case ProcKind::tasks: return make_inode<ProcDirectory>(system(), this, name, process_);
    case ProcKind::descriptors: return make_inode<ProcDescriptors>(system(), this, name, process_);
    case ProcKind::mapped_files: return make_inode<ProcMappedFiles>(system(), this, name, process_);
    default: return make_inode<ProcLink>(system(), this, name, process_);
    }
}

Result<void> ProcDirectory::list(std::uint64_t& position, DirectoryVisitor& visitor) {
    if (!process()) {
        return fail(Error::not_found);
    }
    Inode* const above = named_place(*this).parent();
    if (!visit_dots(position, number(), above != nullptr ? above->number() : number(), visitor)) {
        return {};
    }
    while (position - first_position < names().size()) {
        const ProcName& each = names()[static_cast<std::size_t>(position - first_position)];
        if (!visitor.visit({.name = each.name,
                            .inode = proc_number::of(process_, each.name),
                            .mode = proc_mode(each),
                            .position = position + 1})) {
            return {};
        }
        ++position;
    }
    list_processes(position, visitor);
    return {};
}

// In the order of their ids, so that a listing goes on where it was whoever comes and goes.
void ProcDirectory::list_processes(std::uint64_t& position, DirectoryVisitor& visitor) const {
    position = std::max(position, first_process_position);
    for (;;) {
        std::uint32_t next = 0;
        system().processes().for_each([&](const Process& each) {
            const bool later = first_process_position + each.id >= position;
            if (later && lists(each.id) && (next == 0 || each.id < next)) {
                next = each.id;
            }
        });
        if (next == 0) {
            return;
        }
        std::array<char, 12> text{};
        BufferSink name(text);
        print(name, "{}", next);
        const std::uint64_t behind = first_process_position + next + 1;
        if (!visitor.visit({.name = name.text(),
                            .inode = proc_number::of_process(next),
                            .mode = mode::directory,
                            .position = behind})) {
            return;
        }
        position = behind;
    }
}

// ---- Descriptors

ProcDescriptors::ProcDescriptors(ProcFileSystem& file_system, Inode* parent, const ProcName& name,
                                 std::uint32_t process)
    : ProcInode(file_system, parent, name, process, proc_number::of(process, name.name)) {}

Inode* ProcDescriptors::destroy() {
    Inode* const above = leave_parent();
    KernelHeap& heap = file_system().memory.heap;
    destroy_object(heap, this);
    return above;
}

Result<Ref<Inode>> ProcDescriptors::lookup(std::string_view name) {
    const Result<Process*> of = process();
    const Result<std::uint32_t> descriptor = number_of(name);
    const File* const file = of && descriptor && (*of)->files ? (*of)->files->find(*descriptor) : nullptr;
    if (file == nullptr) {
        return fail(Error::not_found);
    }
    return make_inode<ProcLink>(system(), this, descriptor_link, process_, *descriptor, name,
                                (file->readable() ? 0500U : 0U) | (file->writable() ? 0300U : 0U));
}

Result<void> ProcDescriptors::list(std::uint64_t& position, DirectoryVisitor& visitor) {
    const Result<Process*> of = process();
    if (!of) {
        return fail(Error::not_found);
    }
    if (!visit_dots(position, number(), parent()->number(), visitor) || !(*of)->files) {
        return {};
    }
    const FileTable& files = *(*of)->files;
    for (;;) {
        const std::uint32_t descriptor = files.next_open(static_cast<std::uint32_t>(position - first_position));
        if (descriptor == FileTable::end) {
            return {};
        }
        std::array<char, 12> text{};
        BufferSink name(text);
        print(name, "{}", descriptor);
        const std::uint64_t behind = first_position + descriptor + 1;
        if (!visitor.visit({.name = name.text(),
                            .inode = proc_number::of(process_, descriptor_link.name) + descriptor,
                            .mode = mode::symbolic_link,
                            .position = behind})) {
            return {};
        }
        position = behind;
    }
}

// ---- Mapped files

namespace {

// "8048000-8049000".
struct RegionName {
    explicit RegionName(const Region& region) : sink(bytes) {
        print(sink, "{:x}-{:x}", region.first.start().value(), region.end().start().value());
    }

    std::array<char, 20> bytes{};
    BufferSink sink;
};

} // namespace

ProcMappedFiles::ProcMappedFiles(ProcFileSystem& file_system, Inode* parent, const ProcName& name,
                                 std::uint32_t process)
    : ProcInode(file_system, parent, name, process, proc_number::of(process, name.name)) {}

Inode* ProcMappedFiles::destroy() {
    Inode* const above = leave_parent();
    KernelHeap& heap = file_system().memory.heap;
    destroy_object(heap, this);
    return above;
}

// O(regions).
Result<Ref<Inode>> ProcMappedFiles::lookup(std::string_view name) {
    const Result<Process*> of = process();
    if (!of || !(*of)->space) {
        return fail(Error::not_found);
    }
    const Region* found = nullptr;
    (*of)->space->for_each_region([&](const Region& each) {
        found = each.object != nullptr && RegionName(each).sink.text() == name ? &each : found;
    });
    if (found == nullptr) {
        return fail(Error::not_found);
    }
    // As the file was open when it was mapped, as far as a region tells.
    const bool writable = found->traits.shared && found->traits.max_access.write;
    return make_inode<ProcLink>(system(), this, mapped_link, process_, found->first.number(), name,
                                writable ? 0600U : 0400U);
}

Result<void> ProcMappedFiles::list(std::uint64_t& position, DirectoryVisitor& visitor) {
    const Result<Process*> of = process();
    if (!of) {
        return fail(Error::not_found);
    }
    if (!visit_dots(position, number(), parent()->number(), visitor) || !(*of)->space) {
        return {};
    }
    const auto from = static_cast<std::uint32_t>(position - first_position);
    bool room = true;
    (*of)->space->for_each_region([&](const Region& each) {
        if (!room || each.object == nullptr || each.first.number() < from) {
            return;
        }
        const std::uint64_t behind = first_position + each.first.number() + 1;
        room = visitor.visit({.name = RegionName(each).sink.text(),
                              .inode = proc_number::of(process_, mapped_link.name) + each.first.number(),
                              .mode = mode::symbolic_link,
                              .position = behind});
        position = room ? behind : position;
    });
    return {};
}

// ---- The file system

namespace {

constexpr std::uint32_t proc_device = device_number(0, 3);
constexpr ProcName root_directory{.name = "proc", .permissions = 0555, .kind = ProcKind::directory};

} // namespace

ProcFileSystem::ProcFileSystem(Memory& its_memory, FileServices& its_services, ProcessTable& processes,
                               const SystemFacts& facts, const Terminal& terminal, const MountTable& mounts,
                               const LockTable& locks, const BlockDevices& block_devices)
    : FileSystem(its_memory, its_services, proc_device, "proc", false), processes_(&processes), facts_(&facts),
      terminal_(&terminal), mounts_(&mounts), locks_(&locks), block_devices_(&block_devices) {}

Result<Inode*> ProcFileSystem::make_root() {
    return make_object<ProcDirectory>(memory.heap, *this, nullptr, root_directory, 0U);
}

FileSystemStatus ProcFileSystem::status() {
    constexpr std::uint32_t proc_magic = 0x9FA0; // PROC_SUPER_MAGIC
    return {.magic = proc_magic};
}

} // namespace quire
