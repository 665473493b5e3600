// A machine whose kernel has booted as far as its files, with a boot archive of the test's making; and short ways to
// do what a process does with them.
#pragma once

#include "kernel/fs/device/terminal.h"
#include "kernel/fs/vfs/file_context.h"
#include "kernel/fs/vfs/file_table.h"
#include "kernel/process/userland/files.h"
#include "kernel/sched/wait_queue.h"
#include "tests/host/fs/archive/archive_builder.h"
#include "tests/host/support/booted_torus.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace quire::test {

// What the rest of the kernel does for files, without processes: waiting runs `while_waiting`, which does what another
// process would, and is an interruption where there is nothing to run.
class TestServices final : public FileServices {
public:
    Result<void> wait(WaitQueue&, std::uint64_t deadline) override {
        ++waits;
        if (while_waiting) {
            std::exchange(while_waiting, nullptr)();
            return {};
        }
        if (deadline != 0) {
            clock = deadline;
            return fail(Error::timed_out);
        }
        return fail(Error::interrupted);
    }
    [[nodiscard]] Timestamp now() override { return {.seconds = 1'000'000 + ++moments, .nanoseconds = 5}; }
    [[nodiscard]] std::uint64_t uptime() override { return clock; }
    [[nodiscard]] std::uint32_t random_word() override { return 0x12345678U * ++random; }
    [[nodiscard]] Caller caller() override { return who; }
    [[nodiscard]] bool caller_ignores(std::uint32_t) override { return ignores; }
    [[nodiscard]] std::uint64_t file_size_limit() override { return largest_file; }
    void file_would_be_too_large() override { ++refused_sizes; }
    void input_has_room() override { ++room_reports; }
    void signal_group(std::uint32_t group, std::uint32_t signal) override { signals.emplace_back(group, signal); }

    std::function<void()> while_waiting;
    std::uint32_t waits = 0;
    std::uint32_t room_reports = 0;
    std::uint64_t largest_file = ~std::uint64_t{0};
    std::uint32_t refused_sizes = 0;
    std::uint64_t clock = 1;
    std::int64_t moments = 0;
    std::uint32_t random = 0;
    Caller who{.process = 1, .group = 1, .session = 1};
    bool ignores = false;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> signals;
};

class FilesFixture {
public:
    // The archive's first byte lies `offset` bytes behind a frame's start.
    explicit FilesFixture(const std::string& archive = {}, std::uint32_t offset = 0, const MachineOptions& options = {})
        : torus(options) {
        std::optional<ArchiveExtent> extent;
        if (!archive.empty()) {
            extent = load(archive, offset);
        }
        const Result<Files*> made = Files::create(torus->memory, services, extent, notes);
        REQUIRE(made.has_value());
        files = *made;
        working_directory = Ref<Inode>(files->names().root());
    }

    // Frames with the bytes in them, as a loader leaves a module.
    ArchiveExtent load(const std::string& bytes, std::uint32_t offset = 0) {
        return {torus.load(bytes, offset), static_cast<std::uint32_t>(bytes.size())};
    }

    [[nodiscard]] const Namespace& names() const { return files->names(); }
    [[nodiscard]] Inode& here() const { return *working_directory; }

    Result<Ref<File>> open(std::string_view path, std::uint32_t flags = 0, std::uint32_t permissions = 0644) const {
        return names().open(here(), path, flags, permissions);
    }
    // The inode that a path names, which must be there.
    Ref<Inode> find(std::string_view path, Namespace::LastLink last = Namespace::LastLink::follow) const {
        const Result<Ref<Inode>> found = names().find(here(), path, last);
        INFO(path);
        REQUIRE(found.has_value());
        return *found;
    }
    // Why a path names nothing.
    Error find_error(std::string_view path) const {
        const Result<Ref<Inode>> found = names().find(here(), path);
        INFO(path);
        REQUIRE_FALSE(found.has_value());
        return found.error();
    }
    std::string path_of(Inode& inode) const {
        std::vector<char> buffer(longest_path);
        const auto path = names().path_of(inode, buffer);
        REQUIRE(path.has_value());
        return std::string(*path);
    }

    static Result<std::string> read(File& file, std::uint32_t bytes = 1U << 16) {
        std::string text(bytes, '\0');
        IoBuffer buffer(std::as_writable_bytes(std::span(text)));
        const Result<std::uint32_t> got = file.read(buffer);
        if (!got) {
            return fail(got.error());
        }
        text.resize(*got);
        return text;
    }
    static Result<std::uint32_t> write(File& file, std::string_view text) {
        IoBuffer buffer = IoBuffer::from(std::as_bytes(std::span(text)));
        return file.write(buffer);
    }
    // All of a file, from its beginning.
    std::string contents(std::string_view path) const {
        const Result<Ref<File>> file = open(path);
        INFO(path);
        REQUIRE(file.has_value());
        std::string all;
        for (;;) {
            const Result<std::string> part = read(**file);
            REQUIRE(part.has_value());
            if (part->empty()) {
                return all;
            }
            all += *part;
        }
    }
    // The names in a directory.
    std::vector<std::string> list(std::string_view path) const {
        struct Collect final : DirectoryVisitor {
            bool visit(const DirectoryEntry& entry) override {
                names.emplace_back(entry.name);
                return true;
            }
            std::vector<std::string> names;
        } collect;
        const Result<Ref<File>> directory = open(path, open_flag::directory);
        REQUIRE(directory.has_value());
        REQUIRE((*directory)->list(collect).has_value());
        return collect.names;
    }

    BootedTorus torus;
    TestServices services;
    StringSink notes;
    Files* files = nullptr;
    Ref<Inode> working_directory;
};

} // namespace quire::test
