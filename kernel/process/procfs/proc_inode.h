// The inodes of /proc: directories, texts, links. Each belongs to a process, by its id, or to none (id 0).
#pragma once

#include "kernel/process/procfs/proc_file_system.h"

#include <cstddef>

namespace quire {

class ProcInode : public Inode {
public:
    [[nodiscard]] Inode* parent() final { return parent_.get(); }
    [[nodiscard]] std::string_view name() override { return name_->name; }
    // Nothing about these can be changed, and programs that try are content.
    Result<void> set_times(const NewTimes&) final { return {}; }

protected:
    ProcInode(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process,
              std::uint32_t kind);
    ~ProcInode() = default;

    [[nodiscard]] ProcFileSystem& system() const;
    // The process this is about. Error: no_process where it has ended; null where it is about none.
    [[nodiscard]] Result<Process*> process() const;
    static constexpr std::uint32_t root_number = 1;
    [[nodiscard]] std::uint32_t parent_number() const { return parent_ ? parent_->number() : root_number; }
    // For destroy(): the reference to the directory above, to be let go by release().
    [[nodiscard]] Inode* leave_parent() { return parent_.leak(); }

    const ProcName* name_;
    std::uint32_t process_; // id; 0: none

private:
    Ref<Inode> parent_;
};

// A directory whose names are in a table; /proc itself has the processes' ids, too.
class ProcDirectory final : public ProcInode {
public:
    ProcDirectory(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process);
    ~ProcDirectory() = default;

    [[nodiscard]] FileStatus status() override;
    [[nodiscard]] std::string_view name() override;
    Result<Ref<Inode>> lookup(std::string_view name) override;
    Result<void> list(std::uint64_t& position, DirectoryVisitor& visitor) override;
    [[nodiscard]] bool seekable() const override { return true; }

private:
    // The directory of a process or of a thread, named by its id.
    [[nodiscard]] bool is_of_process() const { return name_->name.empty(); }
    [[nodiscard]] bool is_of_thread() const;
    [[nodiscard]] bool is_root() const { return number() == root_number; }
    [[nodiscard]] std::span<const ProcName> names() const;
    [[nodiscard]] bool lists(std::uint32_t id) const;
    [[nodiscard]] Result<Ref<Inode>> make(const ProcName& name);
    void list_processes(std::uint64_t& position, DirectoryVisitor& visitor) const;
    [[nodiscard]] Inode* destroy() override;

    std::array<char, 12> number_{}; // the name of a process's directory
    std::size_t number_size_ = 0;
};

// A text, printed when it is read from its beginning and kept until the file is closed, so that a reader of many small
// pieces sees one moment.
class ProcText final : public ProcInode {
public:
    ProcText(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process);
    ~ProcText();

    Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<std::uint32_t> write(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<void> truncate(std::uint64_t) override { return {}; }
    [[nodiscard]] bool seekable() const override { return true; }

private:
    [[nodiscard]] Result<void> print_anew();
    [[nodiscard]] Inode* destroy() override;

    std::span<char> text_; // in the heap
    bool printed_ = false;
};

// /proc/PID/pagemap: eight bytes for each page (Linux, Documentation/admin-guide/mm/pagemap.rst).
class ProcPageMap final : public ProcInode {
public:
    ProcPageMap(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process);
    ~ProcPageMap() = default;

    Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    [[nodiscard]] bool seekable() const override { return true; }

private:
    [[nodiscard]] Inode* destroy() override;
};

// A link: to a path, or straight to a file of the process.
class ProcLink final : public ProcInode {
public:
    ProcLink(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process);
    // To the file behind a descriptor, or behind the region that begins with a page of this number: named `text`.
    ProcLink(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process,
             std::uint32_t which, std::string_view text, std::uint32_t permissions);
    ~ProcLink() = default;

    [[nodiscard]] FileStatus status() override;
    [[nodiscard]] std::string_view name() override;
    Result<std::uint32_t> read_link(std::span<char> target) override;
    Result<Ref<Inode>> follow_directly() override;

private:
    [[nodiscard]] Inode* destroy() override;

    [[nodiscard]] bool is_one_of_many() const { return text_size_ != 0; }
    Result<void> print_mapped(Sink& sink) const;

    std::uint32_t which_ = 0;
    std::array<char, 20> text_{}; // its name, where it is one of many
    std::size_t text_size_ = 0;
};

// /proc/PID/fd: a link for each descriptor.
class ProcDescriptors final : public ProcInode {
public:
    ProcDescriptors(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process);
    ~ProcDescriptors() = default;

    Result<Ref<Inode>> lookup(std::string_view name) override;
    Result<void> list(std::uint64_t& position, DirectoryVisitor& visitor) override;
    [[nodiscard]] bool seekable() const override { return true; }

private:
    [[nodiscard]] Inode* destroy() override;
};

// /proc/PID/map_files: a link for each region of a file, "8048000-8049000".
class ProcMappedFiles final : public ProcInode {
public:
    ProcMappedFiles(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process);
    ~ProcMappedFiles() = default;

    Result<Ref<Inode>> lookup(std::string_view name) override;
    Result<void> list(std::uint64_t& position, DirectoryVisitor& visitor) override;
    [[nodiscard]] bool seekable() const override { return true; }

private:
    [[nodiscard]] Inode* destroy() override;
};

// The mode of what a name stands for.
[[nodiscard]] std::uint32_t proc_mode(const ProcName& name);

// Numbers that tell inodes of /proc apart.
namespace proc_number {
[[nodiscard]] std::uint32_t of(std::uint32_t process, std::string_view name);
[[nodiscard]] std::uint32_t of_process(std::uint32_t process);
} // namespace proc_number

} // namespace quire
