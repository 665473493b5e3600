// getdents in its two shapes. See status_calls.h.
#include "kernel/abi/files/file_access.h"
#include "kernel/abi/files/stat_calls.h"
#include "kernel/abi/user_memory.h"

#include <array>
#include <initializer_list>
#include <optional>

namespace quire::abi {

namespace {

// The type of a file as a directory entry has it: the mode's, without the permissions below. <dirent.h>, DT_DIR.
[[nodiscard]] constexpr std::uint8_t entry_type(std::uint32_t mode) {
    constexpr unsigned permission_bits = 12;
    return static_cast<std::uint8_t>((mode & mode::kind) >> permission_bits);
}

[[nodiscard]] constexpr std::uint32_t rounded_up(std::size_t bytes, std::uint32_t alignment) {
    return (static_cast<std::uint32_t>(bytes) + alignment - 1) / alignment * alignment;
}

// Writes entries to a program's buffer, one behind the other, as long as there is room.
class EntryWriter : public DirectoryVisitor {
public:
    EntryWriter(VirtAddr into, std::uint32_t bytes) : start_(into), at_(into), left_(bytes) {}

    [[nodiscard]] bool visit(const DirectoryEntry& entry) final {
        const std::uint32_t length = length_of(entry);
        if (length > left_) {
            failure_ = Error::invalid_argument;
            return false;
        }
        // The directory is being read: nothing waits here.
        if (const auto written = write(at_, entry, static_cast<std::uint16_t>(length)); !written) {
            failure_ = written.error();
            return false;
        }
        at_ = at_ + length;
        left_ -= length;
        return true;
    }

    // Bytes written; why the first entry could not be, where nothing was. 0 is the end of the directory.
    [[nodiscard]] Result<std::uint32_t> outcome() const {
        if (at_ == start_ && failure_) {
            return fail(*failure_);
        }
        return at_ - start_;
    }

protected:
    ~EntryWriter() = default;

private:
    [[nodiscard]] virtual std::uint32_t length_of(const DirectoryEntry& entry) const = 0;
    [[nodiscard]] virtual Result<void> write(VirtAddr at, const DirectoryEntry& entry, std::uint16_t length) const = 0;

    VirtAddr start_, at_;
    std::uint32_t left_;
    std::optional<Error> failure_;
};

// A record's bytes, one part behind the other, from `at` on. Errors: bad_address, must_wait.
Result<void> write_parts(VirtAddr at, std::initializer_list<std::span<const std::byte>> parts) {
    for (const std::span<const std::byte> part : parts) {
        if (const auto written = write_memory_now(at, part); !written) {
            return written;
        }
        at = at + static_cast<std::uint32_t>(part.size());
    }
    return {};
}

constexpr std::array<std::byte, 1> name_end{};

// struct linux_dirent: the type is the last byte of the record.
class OldEntryWriter final : public EntryWriter {
public:
    using EntryWriter::EntryWriter;

private:
    [[nodiscard]] std::uint32_t length_of(const DirectoryEntry& entry) const override {
        return rounded_up(directory_record_name + entry.name.size() + 2, 4);
    }
    [[nodiscard]] Result<void> write(VirtAddr at, const DirectoryEntry& entry, std::uint16_t length) const override {
        const DirectoryRecord record{
            .inode = entry.inode, .next = static_cast<std::uint32_t>(entry.position), .length = length};
        const auto bytes = std::as_bytes(std::span(&record, 1)).first(directory_record_name);
        const std::uint8_t type = entry_type(entry.mode);
        const auto written = write_parts(at, {bytes, std::as_bytes(std::span(entry.name)), name_end});
        return written ? write_memory_now(at + (length - 1U), std::as_bytes(std::span(&type, 1))) : written;
    }
};

class EntryWriter64 final : public EntryWriter {
public:
    using EntryWriter::EntryWriter;

private:
    [[nodiscard]] std::uint32_t length_of(const DirectoryEntry& entry) const override {
        return rounded_up(directory_record64_name + entry.name.size() + 1, 8);
    }
    [[nodiscard]] Result<void> write(VirtAddr at, const DirectoryEntry& entry, std::uint16_t length) const override {
        const DirectoryRecord64 record{.inode = entry.inode,
                                       .next = static_cast<std::int64_t>(entry.position),
                                       .length = length,
                                       .type = entry_type(entry.mode)};
        const auto bytes = std::as_bytes(std::span(&record, 1)).first(directory_record64_name);
        return write_parts(at, {bytes, std::as_bytes(std::span(entry.name)), name_end});
    }
};

template <class Writer>
Result<std::uint32_t> list(Process& process, Descriptor descriptor, VirtAddr into, std::uint32_t bytes) {
    const auto file = open_file_at(process, descriptor);
    if (!file) {
        return fail(file.error());
    }
    Writer writer(into, bytes);
    if (const auto listed = (*file)->list(writer); !listed) {
        return fail(listed.error());
    }
    return writer.outcome();
}

} // namespace

Result<std::uint32_t> list_directory(Process& process, Descriptor descriptor, VirtAddr into, std::uint32_t bytes) {
    return list<OldEntryWriter>(process, descriptor, into, bytes);
}

Result<std::uint32_t> list_directory_64(Process& process, Descriptor descriptor, VirtAddr into, std::uint32_t bytes) {
    return list<EntryWriter64>(process, descriptor, into, bytes);
}

} // namespace quire::abi
