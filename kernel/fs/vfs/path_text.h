// Small things that file systems share: paths taken apart, and the entries that every directory begins with.
#pragma once

#include "kernel/fs/vfs/inode.h"
#include "kernel/lib/format.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace quire {

// Takes the part in front out of `path`, and the slashes around it; empty at the path's end.
[[nodiscard]] inline std::string_view take_part(std::string_view& path) {
    const std::size_t start = std::min(path.find_first_not_of('/'), path.size());
    const std::size_t stop = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, stop - start);
    path.remove_prefix(std::min(path.find_first_not_of('/', stop), path.size()));
    return part;
}

// Positions in a directory: "." is at 0, ".." at 1, what is in it from here on.
inline constexpr std::uint64_t first_position = 2;

// Visits "." and "..", where the position is still there. False where the visitor had no room.
[[nodiscard]] inline bool visit_dots(std::uint64_t& position, std::uint32_t self, std::uint32_t parent,
                                     DirectoryVisitor& visitor) {
    if (position == 0) {
        if (!visitor.visit({.name = ".", .inode = self, .mode = mode::directory, .position = 1})) {
            return false;
        }
        position = 1;
    }
    if (position == 1) {
        if (!visitor.visit({.name = "..", .inode = parent, .mode = mode::directory, .position = first_position})) {
            return false;
        }
        position = first_position;
    }
    return true;
}

// The path of a file from the root, and " (deleted)" behind it where it has no name any more: as /proc/PID/maps has it.
// O(depth²), for paths are short and stacks are small.
void print_path(Sink& sink, Inode& file);

// The directory that a file system's root is mounted on, whose name and parent are its own; any other inode itself.
[[nodiscard]] inline Inode& named_place(Inode& inode) {
    Inode* place = &inode;
    while (place->covers() != nullptr) {
        place = place->covers();
    }
    return *place;
}

// The root of all that a file is in; for what is in no directory, itself.
[[nodiscard]] inline Inode& top_directory(Inode& inode) {
    Inode* top = &named_place(inode);
    while (top->parent() != nullptr) {
        top = &named_place(*top->parent());
    }
    return *top;
}

} // namespace quire
