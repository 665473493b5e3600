// What is mounted where, for whoever lists it. The tree itself needs no such list: inodes know what covers them.
#pragma once

#include "kernel/lib/static_vector.h"

#include <string_view>

namespace quire {

class FileSystem;

struct MountedFileSystem {
    std::string_view path;
    const FileSystem* system = nullptr;
};

using MountTable = StaticVector<MountedFileSystem, 8>;

} // namespace quire
