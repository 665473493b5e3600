// A path argument together with where it starts, read from the program in the order in which Linux looks at them.
#pragma once

#include "kernel/abi/files/file_access.h"
#include "kernel/abi/user_memory.h"

#include <string_view>
#include <utility>

namespace quire::abi {

inline constexpr Descriptor working_directory_descriptor{-100}; // AT_FDCWD

class PathArgument {
public:
    // Errors: bad_address, name_too_long, out_of_memory; not_found where it is empty (`empty_allowed`: not then);
    // bad_descriptor and not_directory of `directory`.
    Result<void> read(Process& process, Descriptor directory, UserText path, bool empty_allowed = false);

    [[nodiscard]] std::string_view path() const { return path_.view(); }
    [[nodiscard]] bool is_empty() const { return path().empty(); }
    // Where the path starts; where it is empty, the file itself that it was given for.
    [[nodiscard]] Inode& start() const { return *start_; }
    // The file that it names. Errors: those of the path walk.
    [[nodiscard]] Result<Ref<Inode>> find(const Process& process,
                                          Namespace::LastLink last = Namespace::LastLink::follow) const;

private:
    UserPath path_;
    Ref<Inode> start_;
};

// The file that a path names, for calls that want nothing else of the path. `empty_allowed`: an empty one is the
// descriptor's own file. Errors: those of PathArgument.
[[nodiscard]] Result<Ref<Inode>> find_file(Process& process, Descriptor directory, UserText path,
                                           Namespace::LastLink last = Namespace::LastLink::follow,
                                           bool empty_allowed = false);
// The same as AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH among `flags` say; other flags mean nothing here.
[[nodiscard]] Result<Ref<Inode>> find_file_by_flags(Process& process, Descriptor directory, UserText path,
                                                    std::uint32_t flags);

} // namespace quire::abi
