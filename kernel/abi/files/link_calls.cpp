// What changes the tree of files: mkdir, mknod, link, symlink, unlink, rename; and readlink. See path_calls.h. The
// order of checks is that of Linux 6.1 fs/namei.c and fs/stat.c.
#include "kernel/abi/files/path_argument.h"
#include "kernel/abi/files/path_calls.h"
#include "kernel/abi/heap_block.h"
#include "kernel/abi/uapi.h"

#include <algorithm>
#include <utility>

namespace quire::abi {

namespace {

Result<void> create_at(Process& process, Descriptor directory, UserText path, const NewInode& what) {
    PathArgument where;
    if (const auto read = where.read(process, directory, path); !read) {
        return read;
    }
    return names_of(process).create(where.start(), where.path(), what);
}

} // namespace

Result<void> make_directory_at(Process& process, Descriptor directory, UserText path, FileMode mode) {
    constexpr std::uint32_t settable = 01777; // not set-user-id
    const std::uint32_t permissions = std::to_underlying(mode) & settable & ~process.context->umask;
    return create_at(process, directory, path, {.mode = mode::directory | permissions});
}

Result<void> make_directory(Process& process, UserText path, FileMode mode) {
    return make_directory_at(process, working_directory_descriptor, path, mode);
}

Result<void> make_node_at(Process& process, Descriptor directory, UserText path, FileMode mode, std::uint32_t device) {
    const std::uint32_t kind = std::to_underlying(mode) & mode::kind;
    switch (kind) {
    case 0:
    case mode::regular:
    case mode::fifo:
    case mode::socket:
    case mode::character_device:
    case mode::block_device: break;
    case mode::directory: return fail(Error::not_permitted);
    default: return fail(Error::invalid_argument);
    }
    const std::uint32_t permissions = std::to_underlying(mode) & mode::permissions & ~process.context->umask;
    const bool is_device = kind == mode::character_device || kind == mode::block_device;
    return create_at(process, directory, path,
                     {.mode = (kind != 0 ? kind : mode::regular) | permissions, .device_id = is_device ? device : 0});
}

Result<void> make_node(Process& process, UserText path, FileMode mode, std::uint32_t device) {
    return make_node_at(process, working_directory_descriptor, path, mode, device);
}

// ---- Links

Result<void> make_link_at(Process& process, Descriptor old_directory, UserText old_path, Descriptor new_directory,
                          UserText new_path, Bits flags) {
    const std::uint32_t given = std::to_underlying(flags);
    if ((given & ~std::uint32_t{AT_SYMLINK_FOLLOW | AT_EMPTY_PATH}) != 0) {
        return fail(Error::invalid_argument);
    }
    const auto last = (given & AT_SYMLINK_FOLLOW) != 0 ? Namespace::LastLink::follow : Namespace::LastLink::keep;
    const auto file = find_file(process, old_directory, old_path, last, (given & AT_EMPTY_PATH) != 0);
    if (!file) {
        return fail(file.error());
    }
    PathArgument to;
    if (const auto read = to.read(process, new_directory, new_path); !read) {
        return read;
    }
    return names_of(process).link(**file, to.start(), to.path());
}

Result<void> make_link(Process& process, UserText old_path, UserText new_path) {
    return make_link_at(process, working_directory_descriptor, old_path, working_directory_descriptor, new_path,
                        Bits{});
}

Result<void> make_symbolic_link_at(Process& process, UserText target, Descriptor directory, UserText path) {
    UserPath text;
    if (const auto read = text.read(target); !read) {
        return read;
    }
    if (text.view().empty()) {
        return fail(Error::not_found);
    }
    constexpr std::uint32_t all_permissions = 0777;
    return create_at(process, directory, path, {.mode = mode::symbolic_link | all_permissions, .target = text.view()});
}

Result<void> make_symbolic_link(Process& process, UserText target, UserText path) {
    return make_symbolic_link_at(process, target, working_directory_descriptor, path);
}

Result<std::uint32_t> read_symbolic_link_at(Process& process, Descriptor directory, UserText path, VirtAddr into,
                                            std::int32_t bytes) {
    if (bytes <= 0) {
        return fail(Error::invalid_argument);
    }
    PathArgument where;
    if (const auto read = where.read(process, directory, path, true); !read) {
        return fail(read.error());
    }
    const auto found = where.find(process, Namespace::LastLink::keep);
    if (!found) {
        return fail(found.error());
    }
    if (!(*found)->is_link()) {
        return fail(where.is_empty() ? Error::not_found : Error::invalid_argument);
    }
    const HeapBlock<char> block(longest_path);
    if (!block) {
        return fail(Error::out_of_memory);
    }
    const auto length = (*found)->read_link(block.all());
    if (!length) {
        return fail(length.error());
    }
    const auto target = block.all().first(std::min(*length, static_cast<std::uint32_t>(bytes)));
    const auto told = write_memory(into, std::as_bytes(target));
    return told ? Result<std::uint32_t>(static_cast<std::uint32_t>(target.size())) : fail(told.error());
}

Result<std::uint32_t> read_symbolic_link(Process& process, UserText path, VirtAddr into, std::int32_t bytes) {
    return read_symbolic_link_at(process, working_directory_descriptor, path, into, bytes);
}

// ---- Removing and renaming

Result<void> remove_at(Process& process, Descriptor directory, UserText path, Bits flags) {
    const std::uint32_t given = std::to_underlying(flags);
    if ((given & ~std::uint32_t{AT_REMOVEDIR}) != 0) {
        return fail(Error::invalid_argument);
    }
    PathArgument where;
    if (const auto read = where.read(process, directory, path); !read) {
        return read;
    }
    const Namespace& names = names_of(process);
    return given != 0 ? names.remove_directory(where.start(), where.path()) : names.unlink(where.start(), where.path());
}

Result<void> remove_file(Process& process, UserText path) {
    return remove_at(process, working_directory_descriptor, path, Bits{});
}

Result<void> remove_directory(Process& process, UserText path) {
    return remove_at(process, working_directory_descriptor, path, Bits{AT_REMOVEDIR});
}

Result<void> rename_path_with_flags(Process& process, Descriptor from_directory, UserText from_path,
                                    Descriptor to_directory, UserText to_path, Bits flags) {
    RenameMode mode = RenameMode::replace;
    switch (std::to_underlying(flags)) {
    case 0: break;
    case RENAME_NOREPLACE: mode = RenameMode::keep; break;
    case RENAME_EXCHANGE: mode = RenameMode::exchange; break;
    default: return fail(Error::invalid_argument); // whiteouts are for overlays on other file systems
    }
    PathArgument from;
    if (const auto read = from.read(process, from_directory, from_path); !read) {
        return read;
    }
    PathArgument to;
    if (const auto read = to.read(process, to_directory, to_path); !read) {
        return read;
    }
    return names_of(process).rename(from.start(), from.path(), to.start(), to.path(), mode);
}

Result<void> rename_path_at(Process& process, Descriptor from_directory, UserText from, Descriptor to_directory,
                            UserText to) {
    return rename_path_with_flags(process, from_directory, from, to_directory, to, Bits{});
}

Result<void> rename_path(Process& process, UserText from, UserText to) {
    return rename_path_with_flags(process, working_directory_descriptor, from, working_directory_descriptor, to,
                                  Bits{});
}

} // namespace quire::abi
