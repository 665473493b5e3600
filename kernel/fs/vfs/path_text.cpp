// Telling paths.
#include "kernel/fs/vfs/path_text.h"

namespace quire {

void print_path(Sink& sink, Inode& file) {
    std::uint32_t depth = 0;
    for (Inode* each = &named_place(file); each->parent() != nullptr; each = &named_place(*each->parent())) {
        ++depth;
    }
    if (depth == 0) {
        // The root, or what is in no directory.
        sink.write(file.is_directory() ? "/" : file.name());
    }
    for (; depth != 0; --depth) {
        Inode* each = &named_place(file);
        for (std::uint32_t level = 1; level < depth; ++level) {
            each = &named_place(*each->parent());
        }
        print(sink, "/{}", each->name());
    }
    if (file.unlinked()) {
        sink.write(" (deleted)");
    }
}

} // namespace quire
