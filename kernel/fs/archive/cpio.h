// Reads the headers of a cpio archive in the "newc" format, one entry after the other. Believes nothing: what an entry
// says is checked against the archive's end before it is handed on. It copies no data and builds nothing.
//
// An entry is "070701", 13 numbers of 8 hexadecimal digits, the name with its final zero, and the data; name and data
// are each filled up to a multiple of four bytes of the archive. "TRAILER!!!" is the last name. Linux's
// Documentation/driver-api/early-userspace/buffer-format.rst describes it.
#pragma once

#include "kernel/fs/archive/archive_source.h"
#include "kernel/lib/result.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace quire {

struct CpioEntry {
    std::uint32_t inode = 0, mode = 0, links = 0, modified = 0;
    std::uint32_t name = 0, name_size = 0; // bytes from the archive's start; the final zero not counted
    std::uint32_t data = 0, size = 0;
};

class CpioReader {
public:
    explicit CpioReader(const ArchiveSource& archive) : archive_(&archive) {}

    // Reads the next entry; false behind the last. Archives may follow each other, with zeros between. Errors:
    // truncated (it goes past the archive's end), malformed (no header where one should be, or a number that is none),
    // and those of ArchiveSource::copy(). An error is the end: where the next header would be is not known.
    [[nodiscard]] Result<bool> next(CpioEntry& entry);
    // Where the entry began that next() read last, or failed to read.
    [[nodiscard]] std::uint32_t position() const { return entry_start_; }

private:
    [[nodiscard]] Result<CpioEntry> read_entry();
    [[nodiscard]] Result<bool> is_trailer(const CpioEntry& entry) const;
    [[nodiscard]] Result<void> skip_zeros();

    const ArchiveSource* archive_;
    std::uint32_t at_ = 0; // of the next header
    std::uint32_t entry_start_ = 0;
};

// The entry called `name` ("config.txt", also where the archive says "./config.txt"); the last of several. Nothing
// where there is none. Errors: those of CpioReader::next(), where it was not found before. O(entries).
[[nodiscard]] Result<std::optional<CpioEntry>> find_entry(const ArchiveSource& archive, std::string_view name);

} // namespace quire
