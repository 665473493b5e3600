// Makes cpio archives for tests, byte by byte, sound or broken.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace quire::test {

class ArchiveBuilder {
public:
    // An entry. With `aligned`, the name is filled up so that the data begins on a page boundary of the archive.
    ArchiveBuilder& add(std::string_view name, std::uint32_t mode, std::string_view data = {}, bool aligned = false) {
        std::size_t name_size = name.size() + 1;
        if (aligned) {
            const std::size_t data_start = bytes_.size() + header_size + name_size;
            name_size += (page - data_start % page) % page;
        }
        char header[header_size + 1];
        ++inodes_;
        std::snprintf(header, sizeof header, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", inodes_,
                      mode, 0U, 0U, 1U, 1000U + inodes_, static_cast<unsigned>(data.size()), 0U, 0U, 0U, 0U,
                      static_cast<unsigned>(name_size), 0U);
        bytes_.append(header, header_size);
        bytes_ += name;
        bytes_.append(name_size - name.size(), '\0');
        fill_up();
        bytes_ += data;
        fill_up();
        return *this;
    }
    ArchiveBuilder& directory(std::string_view name, std::uint32_t permissions = 0755) {
        return add(name, 0040000 | permissions);
    }
    ArchiveBuilder& file(std::string_view name, std::string_view data, bool aligned = false) {
        return add(name, 0100644, data, aligned);
    }
    ArchiveBuilder& link(std::string_view name, std::string_view target) { return add(name, 0120777, target); }
    // Bytes as they are, such as garbage.
    ArchiveBuilder& raw(std::string_view bytes) {
        bytes_ += bytes;
        return *this;
    }
    // The archive with its end.
    [[nodiscard]] std::string finish() {
        add("TRAILER!!!", 0);
        return bytes_;
    }
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

private:
    static constexpr std::size_t header_size = 110, page = 4096;
    void fill_up() { bytes_.append((4 - bytes_.size() % 4) % 4, '\0'); }

    std::string bytes_;
    unsigned inodes_ = 0;
};

} // namespace quire::test
