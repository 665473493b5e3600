// Paths and their starts. See path_argument.h.
#include "kernel/abi/files/path_argument.h"

#include "kernel/abi/uapi.h"

namespace quire::abi {

static_assert(std::to_underlying(working_directory_descriptor) == AT_FDCWD);

namespace {

// What an empty path stands for: the descriptor's own file, whatever it is.
Result<Ref<Inode>> file_itself(Process& process, Descriptor descriptor) {
    if (descriptor == working_directory_descriptor) {
        return process.context->working_directory;
    }
    const auto file = file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    return Ref<Inode>((*file)->inode());
}

} // namespace

Result<void> PathArgument::read(Process& process, Descriptor directory, UserText path, bool empty_allowed) {
    if (const auto copied = path_.read(path); !copied) {
        return copied;
    }
    if (is_empty() && !empty_allowed) {
        return fail(Error::not_found);
    }
    auto start = is_empty() ? file_itself(process, directory) : start_of_path(process, directory, path_.view());
    if (!start) {
        return fail(start.error());
    }
    start_ = *std::move(start);
    return {};
}

Result<Ref<Inode>> PathArgument::find(const Process& process, Namespace::LastLink last) const {
    if (is_empty()) {
        return start_;
    }
    return names_of(process).find(*start_, path(), last);
}

Result<Ref<Inode>> find_file(Process& process, Descriptor directory, UserText path, Namespace::LastLink last,
                             bool empty_allowed) {
    PathArgument where;
    if (const auto read = where.read(process, directory, path, empty_allowed); !read) {
        return fail(read.error());
    }
    return where.find(process, last);
}

Result<Ref<Inode>> find_file_by_flags(Process& process, Descriptor directory, UserText path, std::uint32_t flags) {
    const bool keep = (flags & AT_SYMLINK_NOFOLLOW) != 0;
    return find_file(process, directory, path, keep ? Namespace::LastLink::keep : Namespace::LastLink::follow,
                     (flags & AT_EMPTY_PATH) != 0);
}

} // namespace quire::abi
