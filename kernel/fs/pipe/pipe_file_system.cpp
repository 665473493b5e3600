// Inodes that are pipes.
#include "kernel/fs/pipe/pipe_file_system.h"

#include "kernel/fs/vfs/file.h"
#include "kernel/memory/heap/object.h"

#include <asm/ioctls.h>

namespace quire {

namespace {

constexpr std::uint32_t pipe_device = device_number(0, 12);

// "pipe:[17]".
class NamelessPipe final : public PipeInode {
public:
    NamelessPipe(FileSystem& file_system, std::uint32_t number) : PipeInode(file_system, number, 0600) {
        BufferSink sink(name_);
        print(sink, "pipe:[{}]", number);
        name_size_ = sink.text().size();
    }
    ~NamelessPipe() = default;

    [[nodiscard]] std::string_view name() override { return {name_.data(), name_size_}; }

private:
    [[nodiscard]] Inode* destroy() override {
        KernelHeap& heap = file_system().memory.heap;
        destroy_object(heap, this);
        return nullptr;
    }

    std::array<char, 20> name_{};
    std::size_t name_size_ = 0;
};

} // namespace

PipeInode::PipeInode(FileSystem& file_system, std::uint32_t number, std::uint32_t permissions)
    : Inode(file_system, number, mode::fifo | permissions), pipe_(file_system.memory.heap, file_system.services) {}

Result<void> PipeInode::opened(File& file, std::uint32_t) {
    pipe_.open(file);
    return {};
}

void PipeInode::closed(File& file) {
    pipe_.close(file);
}

Result<std::uint32_t> PipeInode::read(File& file, IoBuffer& buffer, std::uint64_t) {
    return pipe_.read(file, buffer);
}

Result<std::uint32_t> PipeInode::write(File& file, IoBuffer& buffer, std::uint64_t) {
    return pipe_.write(file, buffer);
}

Result<std::uint32_t> PipeInode::control(File& file, std::uint32_t request, const ControlArgument& argument) {
    if (request == FIONREAD) {
        const Result<void> told = argument.put(pipe_.bytes());
        return told ? Result<std::uint32_t>(0U) : fail(told.error());
    }
    return Inode::control(file, request, argument);
}

std::uint32_t PipeInode::ready(const File& file) {
    return pipe_.ready(file);
}

WaitQueue* PipeInode::changes() {
    return &pipe_.changes;
}

PipeFileSystem::PipeFileSystem(Memory& its_memory, FileServices& its_services)
    : FileSystem(its_memory, its_services, pipe_device, "pipefs", false) {}

Result<Ref<Inode>> PipeFileSystem::make() {
    Result<Ref<NamelessPipe>> made = adopt(make_object<NamelessPipe>(memory.heap, *this, ++last_number_));
    if (!made) {
        return fail(made.error());
    }
    return Ref<Inode>(*std::move(made));
}

FileSystemStatus PipeFileSystem::status() {
    constexpr std::uint32_t pipefs_magic = 0x50495045; // PIPEFS_MAGIC
    return {.magic = pipefs_magic};
}

} // namespace quire
