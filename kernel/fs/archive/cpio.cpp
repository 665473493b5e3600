// Parsing of cpio headers.
#include "kernel/fs/archive/cpio.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace quire {

namespace {

constexpr std::size_t digits = 8;
constexpr std::string_view magic = "070701", magic_with_checksums = "070702";
constexpr std::string_view trailer = "TRAILER!!!";

// The numbers of a header, in their order.
enum Field : std::size_t {
    inode,
    mode,
    user,
    group,
    links,
    modified,
    size,
    major,
    minor,
    device_major,
    device_minor,
    name_size,
    checksum,
    field_count
};

constexpr std::size_t header_size = magic.size() + field_count * digits;
static_assert(header_size == 110);

// Nothing where a digit is none.
std::optional<std::uint32_t> hexadecimal(std::string_view text) {
    std::uint32_t value = 0;
    for (const char digit : text) {
        std::uint32_t worth = 0;
        if (digit >= '0' && digit <= '9') {
            worth = static_cast<std::uint32_t>(digit - '0');
        } else if (digit >= 'a' && digit <= 'f') {
            worth = static_cast<std::uint32_t>(digit - 'a' + 10);
        } else if (digit >= 'A' && digit <= 'F') {
            worth = static_cast<std::uint32_t>(digit - 'A' + 10);
        } else {
            return {};
        }
        value = value << 4 | worth;
    }
    return value;
}

// Up to the next multiple of four; of at most 2^32 - 1 bytes, so that it needs 64 bits.
constexpr std::uint64_t filled_up(std::uint64_t bytes) {
    return (bytes + 3) & ~std::uint64_t{3};
}

} // namespace

Result<bool> CpioReader::next(CpioEntry& entry) {
    for (;;) {
        entry_start_ = at_;
        if (at_ == archive_->size()) {
            return false;
        }
        const Result<CpioEntry> read = read_entry();
        if (!read) {
            return fail(read.error());
        }
        const Result<bool> ends = is_trailer(*read);
        if (!ends) {
            return ends;
        }
        if (!*ends) {
            entry = *read;
            return true;
        }
        if (archive_->ends_at_trailer()) {
            return false;
        }
        if (const Result<void> skipped = skip_zeros(); !skipped) {
            return fail(skipped.error());
        }
    }
}

Result<CpioEntry> CpioReader::read_entry() {
    std::array<char, header_size> header{};
    if (!archive_->contains(at_, header_size)) {
        return fail(Error::truncated);
    }
    if (const Result<void> got = archive_->copy(at_, std::as_writable_bytes(std::span(header))); !got) {
        return fail(got.error());
    }
    const std::string_view text(header.data(), header.size());
    if (!text.starts_with(magic) && !text.starts_with(magic_with_checksums)) {
        return fail(Error::malformed);
    }
    std::array<std::uint32_t, field_count> fields{};
    for (std::size_t each = 0; each < field_count; ++each) {
        const auto value = hexadecimal(text.substr(magic.size() + each * digits, digits));
        if (!value) {
            return fail(Error::malformed);
        }
        fields[each] = *value;
    }
    if (fields[name_size] == 0) {
        return fail(Error::malformed);
    }
    const std::uint64_t name = std::uint64_t{at_} + header_size;
    const std::uint64_t data = filled_up(name + fields[name_size]);
    const std::uint64_t end = data + fields[size];
    if (end > archive_->size()) {
        return fail(Error::truncated);
    }
    at_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(filled_up(end), archive_->size()));
    return CpioEntry{.inode = fields[inode],
                     .mode = fields[mode],
                     .links = fields[links],
                     .modified = fields[modified],
                     .name = static_cast<std::uint32_t>(name),
                     .name_size = fields[name_size] - 1,
                     .data = static_cast<std::uint32_t>(data),
                     .size = fields[size]};
}

Result<bool> CpioReader::is_trailer(const CpioEntry& entry) const {
    constexpr std::size_t with_zero = trailer.size() + 1;
    std::array<char, with_zero> name{};
    if (entry.name_size + 1 < with_zero) {
        return false;
    }
    if (const Result<void> got = archive_->copy(entry.name, std::as_writable_bytes(std::span(name))); !got) {
        return fail(got.error());
    }
    return std::string_view(name.data(), trailer.size()) == trailer && name.back() == '\0';
}

Result<void> CpioReader::skip_zeros() {
    std::array<std::byte, 64> bytes{};
    while (at_ != archive_->size()) {
        const auto part = std::span(bytes).first(std::min<std::size_t>(bytes.size(), archive_->size() - at_));
        if (const Result<void> got = archive_->copy(at_, part); !got) {
            return got;
        }
        for (const std::byte each : part) {
            if (each != std::byte{0}) {
                return {};
            }
            ++at_;
        }
    }
    return {};
}

Result<std::optional<CpioEntry>> find_entry(const ArchiveSource& archive, std::string_view name) {
    constexpr std::string_view here = "./";
    constexpr std::size_t longest = 64;
    std::optional<CpioEntry> found;
    CpioReader reader(archive);
    CpioEntry entry;
    for (;;) {
        const Result<bool> more = reader.next(entry);
        if (!more && !found) {
            return fail(more.error());
        }
        if (!more || !*more) {
            return found;
        }
        std::array<char, longest> text{};
        const std::size_t length = std::min<std::size_t>(entry.name_size, longest);
        if (const Result<void> got = archive.copy(entry.name, std::as_writable_bytes(std::span(text).first(length)));
            !got) {
            return fail(got.error());
        }
        std::string_view its = std::string_view(text.data(), length);
        its = its.substr(0, its.find('\0')); // filled up with zeros where the data is aligned
        its.remove_prefix(its.starts_with(here) ? here.size() : 0);
        if (its == name) {
            found = entry;
        }
    }
}

} // namespace quire
