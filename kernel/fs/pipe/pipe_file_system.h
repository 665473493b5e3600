// Pipes without a name, as pipe() makes them: inodes that no directory knows.
#pragma once

#include "kernel/fs/pipe/pipe.h"
#include "kernel/fs/vfs/file_system.h"
#include "kernel/fs/vfs/inode.h"
#include "kernel/lib/format.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace quire {

// What inodes with a pipe behind them have in common, whether they have a name or not.
class PipeInode : public Inode {
public:
    Result<void> opened(File& file, std::uint32_t flags) override;
    void closed(File& file) override;
    Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<std::uint32_t> write(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<std::uint32_t> control(File& file, std::uint32_t request, const ControlArgument& argument) override;
    [[nodiscard]] std::uint32_t ready(const File& file) override;
    [[nodiscard]] WaitQueue* changes() override;
    [[nodiscard]] Pipe* pipe() override { return &pipe_; }

protected:
    PipeInode(FileSystem& file_system, std::uint32_t number, std::uint32_t permissions);
    ~PipeInode() = default;

private:
    Pipe pipe_;
};

class PipeFileSystem final : public FileSystem {
public:
    PipeFileSystem(Memory& its_memory, FileServices& its_services);
    ~PipeFileSystem() = default;

    // A new pipe, not open yet. Error: out_of_memory.
    [[nodiscard]] Result<Ref<Inode>> make();
    [[nodiscard]] FileSystemStatus status() override;

private:
    std::uint32_t last_number_ = 0;
};

} // namespace quire
