// Making and ending the contexts of processes.
#include "kernel/fs/vfs/file_context.h"

#include "kernel/memory/heap/object.h"

namespace quire {

Result<Ref<FileContext>> FileContext::create(KernelHeap& heap, Inode& directory, std::uint32_t umask) {
    return adopt(make_object<FileContext>(heap, heap, directory, umask));
}

void FileContext::release() {
    if (--references == 0) {
        destroy_object(*heap, this);
    }
}

} // namespace quire
