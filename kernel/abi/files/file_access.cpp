// Descriptors and the starts of paths. See file_access.h.
#include "kernel/abi/files/file_access.h"

#include "kernel/abi/uapi.h"
#include "kernel/lib/panic.h"
#include "kernel/process/process_table.h"
#include "kernel/process/send_signal.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <utility>

namespace quire::abi {

Result<FileInUse> file_at(Process& process, Descriptor descriptor) {
    File* const file = process.files->find(static_cast<std::uint32_t>(descriptor));
    if (file == nullptr) {
        return fail(Error::bad_descriptor);
    }
    return FileInUse(*file, process.files->shared());
}

Result<FileInUse> open_file_at(Process& process, Descriptor descriptor) {
    auto file = file_at(process, descriptor);
    if (file && (*file)->is_path()) {
        return fail(Error::bad_descriptor);
    }
    return file;
}

Result<std::uint32_t> tell_broken_pipe(Process& process, Result<std::uint32_t> written) {
    if (!written && written.error() == Error::broken_pipe) {
        must_succeed(
            send_signal(process, {.number = signal_number::pipe, .code = signal_code::user, .sender = process.id}));
    }
    return written;
}

Files& files_of(const Process& process) {
    return process.table->userland().files();
}

const Namespace& names_of(const Process& process) {
    return files_of(process).names();
}

Result<Ref<Inode>> start_of_path(Process& process, Descriptor directory, std::string_view path) {
    const bool absolute = !path.empty() && path.front() == '/';
    if (absolute || std::to_underlying(directory) == AT_FDCWD) {
        return process.context->working_directory;
    }
    const auto file = file_at(process, directory);
    if (!file) {
        return fail(file.error());
    }
    if (!(*file)->inode().is_directory()) {
        return fail(Error::not_directory);
    }
    return Ref<Inode>((*file)->inode());
}

} // namespace quire::abi
