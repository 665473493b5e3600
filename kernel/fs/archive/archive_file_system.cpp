// Building the root file system from the boot archive.
#include "kernel/fs/archive/archive_file_system.h"

#include "kernel/fs/vfs/path_text.h"

#include <algorithm>
#include <array>

namespace quire {

namespace {

constexpr std::uint32_t root_device = device_number(0, 1);
constexpr std::uint32_t directory_mode = mode::directory | 0755;
constexpr std::uint32_t most_complaints = 8;

// How many entries there are before the end, or before what cannot be read.
std::uint32_t count_entries(const ArchiveMemory& bytes) {
    CpioReader reader(bytes);
    CpioEntry entry;
    std::uint32_t count = 0;
    while (reader.next(entry).value_or(false)) {
        ++count;
    }
    return count;
}

bool known_kind(std::uint32_t file_mode) {
    const std::uint32_t kind = file_mode & mode::kind;
    return kind == mode::regular || kind == mode::directory || kind == mode::symbolic_link;
}

// Whether each part of the path can be one.
bool usable(std::string_view path) {
    while (!path.empty()) {
        const std::string_view part = take_part(path);
        if (part == ".." || part.size() > longest_name) {
            return false;
        }
    }
    return true;
}

} // namespace

ArchiveFileSystem::ArchiveFileSystem(Memory& its_memory, FileServices& its_services, ArchiveExtent archive)
    : FileSystem(its_memory, its_services, root_device, "rootfs", true), bytes_(its_memory.physical, archive),
      names_(its_memory.heap) {}

Result<ArchiveFileSystem*> ArchiveFileSystem::create(Memory& memory, FileServices& services, ArchiveExtent archive,
                                                     Sink& notes) {
    const Result<ArchiveFileSystem*> made = make_object<ArchiveFileSystem>(memory.heap, memory, services, archive);
    if (!made) {
        return made;
    }
    if (const Result<void> prepared = (*made)->prepare(count_entries((*made)->bytes_)); !prepared) {
        return fail(prepared.error());
    }
    if (const Result<void> read = (*made)->read_all((*made)->bytes_, nullptr, notes); !read) {
        return fail(read.error());
    }
    return made;
}

// The table, and the root to put things into.
Result<void> ArchiveFileSystem::prepare(std::uint32_t entries) {
    if (const Result<void> reserved = names_.reserve(entries); !reserved) {
        return reserved;
    }
    const Result<ArchiveNode*> root = add_node(nullptr, {}, {.mode = directory_mode, .links = 2});
    if (!root) {
        return fail(root.error());
    }
    root_ = *root;
    return {};
}

Result<void> ArchiveFileSystem::add_disk(BlockDevice& device, Scheduler& scheduler, Sink& notes) {
    if (const Result<void> claimed = device.claim(); !claimed) {
        return claimed;
    }
    const Result<void> added = add_claimed(device, scheduler, notes);
    if (!added) {
        device.release();
    }
    return added;
}

Result<void> ArchiveFileSystem::add_claimed(BlockDevice& device, Scheduler& scheduler, Sink& notes) {
    Result<BlockBuffer> buffer = BlockBuffer::create(memory, scheduler, ArchiveWindow::window_size);
    if (!buffer) {
        return fail(buffer.error());
    }
    const ArchiveWindow bytes(device, *buffer);
    CpioReader reader(bytes);
    CpioEntry entry;
    if (const Result<bool> found = reader.next(entry); !found) {
        return fail(found.error());
    }
    const Result<ArchiveDisk*> disk = ArchiveDisk::create(memory, device);
    if (!disk) {
        return fail(disk.error());
    }
    memory.pager.stored_pages_exist();
    pages_on_disk_ = pages_for(bytes.size());
    // From here on entries lead there.
    if (const Result<void> read = read_all(bytes, *disk, notes); !read) {
        print(notes, "boot archive: /dev/{}: {}\n", device.name(), explain(read.error()));
    }
    return {};
}

// What cannot be read ends the reading; what cannot be used is left out.
Result<void> ArchiveFileSystem::read_all(const ArchiveSource& source, ArchiveDisk* disk, Sink& notes) {
    std::array<char, longest_path> path{};
    std::uint32_t left_out = 0, entries = 0;
    CpioReader reader(source);
    CpioEntry entry;
    for (;;) {
        const Result<bool> found = reader.next(entry);
        if (!found) {
            print(notes, "boot archive: {} at byte {} of {}: {} entries could be read\n", name_of(found.error()),
                  reader.position(), source.size(), entries);
            break;
        }
        if (!*found) {
            break;
        }
        const std::uint32_t size = std::min<std::uint32_t>(entry.name_size, longest_path);
        if (const Result<void> got = source.copy(entry.name, std::as_writable_bytes(std::span(path).first(size)));
            !got) {
            return got;
        }
        // Names may be filled up with zeros, so that the data behind begins on a page boundary.
        const std::string_view text(path.data(), size);
        const std::string_view name = text.substr(0, text.find('\0'));
        const Result<void> added = add(entry, name, source, disk);
        entries += added ? 1U : 0U;
        if (!added && (added.error() == Error::out_of_memory || added.error() == Error::input_output)) {
            return added;
        }
        if (!added && ++left_out <= most_complaints) {
            print(notes, "boot archive: entry at byte {} left out: {}\n", reader.position(), explain(added.error()));
        }
    }
    if (left_out > most_complaints) {
        print(notes, "boot archive: {} entries left out in all\n", left_out);
    }
    return {};
}

// Errors: out_of_memory; malformed, not_directory, not_supported, name_too_long, exists: it is left out.
Result<void> ArchiveFileSystem::add(const CpioEntry& entry, std::string_view path, const ArchiveSource& source,
                                    ArchiveDisk* disk) {
    if (path.size() >= longest_path) {
        return fail(Error::name_too_long);
    }
    if (!usable(path)) {
        return fail(Error::malformed);
    }
    if (!known_kind(entry.mode)) {
        return fail(Error::not_supported);
    }
    std::string_view name;
    const Result<ArchiveNode*> parent = directory_of(path, name);
    if (!parent) {
        return fail(parent.error());
    }
    const bool directory = (entry.mode & mode::kind) == mode::directory;
    ArchiveNode::Contents contents{.mode = entry.mode & (mode::kind | mode::permissions),
                                   .modified = entry.modified,
                                   .links = directory ? 2U : 1U,
                                   .data = entry.data,
                                   .size = directory ? 0 : entry.size,
                                   .disk = disk};
    ArchiveNode* const there = name.empty() ? root_ : find(**parent, name);
    if (there != nullptr && there->is_directory() != directory) {
        return fail(Error::exists);
    }
    if (const Result<void> kept = keep_target(contents, source); !kept) {
        return kept;
    }
    if (there == nullptr) {
        const Result<ArchiveNode*> added = add_node(*parent, name, contents);
        if (!added) {
            must_succeed(memory.heap.free(contents.target));
            return fail(added.error());
        }
    } else {
        there->replace(contents); // the later of two entries counts, as when they are unpacked one after the other
    }
    return {};
}

// What a link on a disk leads to is read at once.
Result<void> ArchiveFileSystem::keep_target(ArchiveNode::Contents& contents, const ArchiveSource& source) const {
    if (contents.disk == nullptr || (contents.mode & mode::kind) != mode::symbolic_link || contents.size == 0) {
        return {};
    }
    if (contents.size >= longest_path) {
        return fail(Error::name_too_long);
    }
    const Result<void*> place = memory.heap.allocate(contents.size);
    if (!place) {
        return fail(place.error());
    }
    contents.target = static_cast<char*>(*place);
    const Result<void> got =
        source.copy(contents.data, std::as_writable_bytes(std::span(contents.target, contents.size)));
    if (!got) {
        must_succeed(memory.heap.free(contents.target));
    }
    return got;
}

// The directory that `path` ends in, made as far as it lacks, and the last part of the path. "." and empty parts are
// skipped. Errors: out_of_memory, not_directory.
Result<ArchiveNode*> ArchiveFileSystem::directory_of(std::string_view path, std::string_view& name) {
    ArchiveNode* directory = root_;
    for (name = {}; !path.empty();) {
        const std::string_view part = take_part(path);
        if (part == "." || part.empty()) {
            continue;
        }
        if (!name.empty()) {
            const Result<ArchiveNode*> next = directory_in(*directory, name);
            if (!next) {
                return next;
            }
            directory = *next;
        }
        name = part;
    }
    return directory;
}

Result<ArchiveNode*> ArchiveFileSystem::directory_in(ArchiveNode& parent, std::string_view name) {
    ArchiveNode* const there = find(parent, name);
    if (there == nullptr) {
        return add_node(&parent, name, {.mode = directory_mode, .links = 2});
    }
    return there->is_directory() ? Result<ArchiveNode*>(there) : fail(Error::not_directory);
}

Result<ArchiveNode*> ArchiveFileSystem::make_directory(std::string_view path) {
    std::string_view name;
    const Result<ArchiveNode*> parent = directory_of(path, name);
    return parent && !name.empty() ? directory_in(**parent, name) : parent;
}

ArchiveNode* ArchiveFileSystem::find(const ArchiveNode& directory, std::string_view name) const {
    return names_.find(directory.number(), name);
}

// The name is copied behind the node.
Result<ArchiveNode*> ArchiveFileSystem::add_node(ArchiveNode* parent, std::string_view name,
                                                 const ArchiveNode::Contents& contents) {
    const Result<void*> place = memory.heap.allocate(sizeof(ArchiveNode) + name.size(), alignof(ArchiveNode));
    if (!place) {
        return fail(Error::out_of_memory);
    }
    char* const name_copy = static_cast<char*>(*place) + sizeof(ArchiveNode);
    std::copy(name.begin(), name.end(), name_copy); // the root has none
    auto* const node = ::new (*place) ArchiveNode(*this, ++nodes_, parent, {name_copy, name.size()}, contents);
    if (parent != nullptr) {
        names_.insert(*node);
        parent->add_child(*node);
    }
    return node;
}

FileSystemStatus ArchiveFileSystem::status() {
    constexpr std::uint32_t ramfs_magic = 0x858458F6; // RAMFS_MAGIC
    return {
        .magic = ramfs_magic, .blocks = pages_for(bytes_.size()) + pages_on_disk_, .files = nodes_, .read_only = true};
}

std::uint32_t ArchiveFileSystem::give_back_unused() {
    std::uint32_t given = 0;
    for (ArchivePages* each = mapped_.front(); each != nullptr; each = mapped_.next(*each)) {
        given += each->give_back_unused();
    }
    return given;
}

void ArchiveFileSystem::forget_unused() {
    for (ArchivePages* each = mapped_.front(); each != nullptr;) {
        ArchivePages& pages = *each;
        each = mapped_.next(pages);
        if (pages.references() == 1) {
            mapped_.erase(pages);
            pages.node().forget_pages();
        }
    }
}

} // namespace quire
