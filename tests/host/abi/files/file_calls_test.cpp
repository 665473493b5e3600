// The calls on files: what goes in and out of a program's memory, wild pointers in each of them, and that what failed
// has changed nothing.
#include "kernel/abi/uapi.h"
#include "tests/host/abi/calls_fixture.h"

#include <set>

namespace quire {
namespace {

using test::CallsFixture;

// Addresses that no call may use: below everything, in the mirror of code, in the kernel, at the end of all memory.
constexpr std::uint32_t wild[] = {0x10, 0x60000000, 0xBFFFFFF0, 0xC0100000, 0xFFFFFFFC};

struct FileCalls : CallsFixture {
    std::int32_t open(std::string_view path, std::uint32_t flags = O_RDWR | O_CREAT) {
        return call(__NR_open, text(path), flags, 0600);
    }
    std::int32_t write(std::int32_t file, std::string_view bytes) {
        return call(__NR_write, file, text(bytes), bytes.size());
    }
};

TEST_CASE("bytes go to a file and come back", "[abi]") {
    FileCalls f;
    const std::int32_t file = f.open("/tmp/f");
    REQUIRE(file == 0);
    CHECK(f.write(file, "hello, world") == 12);
    CHECK(f.call(__NR_lseek, file, -5, SEEK_END) == 7);
    const VirtAddr buffer = f.next(64);
    CHECK(f.call(__NR_read, file, buffer, 64) == 5);
    CHECK(f.get_bytes(buffer, 5) == "world");
    CHECK(f.call(__NR_pread64, file, buffer, 4, 1, 0) == 4);
    CHECK(f.get_bytes(buffer, 4) == "ello");
    CHECK(f.call(__NR_pwrite64, file, f.text("J"), 1, 0, 0) == 1);
    const VirtAddr pieces = f.put(std::array<std::uint32_t, 4>{buffer.value(), 1, buffer.value() + 8, 4});
    CHECK(f.call(__NR_preadv, file, pieces, 2, 0, 0) == 5);
    CHECK(f.get_bytes(buffer, 1) == "J");
    CHECK(f.get_bytes(buffer + 8, 4) == "ello");
    const VirtAddr position = f.next(8);
    CHECK(f.call(__NR__llseek, file, 1, 2, position, SEEK_SET) == 0);
    CHECK(f.get<std::uint64_t>(position) == 0x100000002ULL);
    CHECK(f.call(__NR_lseek, file, 0, SEEK_CUR) == -EOVERFLOW);
    CHECK(f.call(__NR_ftruncate64, file, 3, 0) == 0);
    CHECK(f.call(__NR_lseek, file, 0, SEEK_END) == 3);
    CHECK(f.call(__NR_close, file) == 0);
    CHECK(f.call(__NR_close, file) == -EBADF);
}

TEST_CASE("reads and writes refuse in Linux's order", "[abi]") {
    FileCalls f;
    const std::int32_t file = f.open("/tmp/f");
    const std::int32_t reader = f.open("/tmp/f", O_RDONLY);
    const VirtAddr buffer = f.next(64);
    CHECK(f.call(__NR_read, 99, 0x10, 1) == -EBADF);
    CHECK(f.call(__NR_write, reader, 0x10, 1) == -EBADF);
    CHECK(f.call(__NR_read, file, buffer, 0xFFFFFFFF) == -EFAULT); // beyond all that programs have
    CHECK(f.call(__NR_read, file, 0x1000, 0x80000000) == -EINVAL); // half of all
    CHECK(f.call(__NR_read, file, 0x20000000, 0x7FFFFFFF) == 0);   // clamped; at the end
    CHECK(f.call(__NR_pread64, file, buffer, 1, 0, 0x80000000) == -EINVAL);
    CHECK(f.call(__NR_readv, file, buffer, 1025) == -EINVAL);
    CHECK(f.call(__NR_readv, file, 0x10, 1) == -EFAULT);
    CHECK(f.call(__NR_readv, file, 0x10, 0) == 0);
    const VirtAddr negative = f.put(std::array<std::uint32_t, 2>{buffer.value(), 0x80000000});
    CHECK(f.call(__NR_readv, file, negative, 1) == -EINVAL);
    CHECK(f.call(__NR_lseek, file, 0, 9) == -EINVAL);
    CHECK(f.call(__NR_lseek, file, -1, SEEK_SET) == -EINVAL);
}

TEST_CASE("a write ends where the program's memory does", "[abi]") {
    FileCalls f;
    const std::int32_t file = f.open("/tmp/f");
    const VirtAddr last = f.map_before_hole();
    CHECK(f.call(__NR_write, file, last + 4090, 100) == 6);
    CHECK(f.call(__NR_write, file, last + page_size, 1) == -EFAULT);
    CHECK(f.call(__NR_lseek, file, 0, SEEK_END) == 6);
}

TEST_CASE("wild pointers are EFAULT in every call, and change nothing", "[abi]") {
    FileCalls f;
    const std::int32_t file = f.open("/tmp/f");
    REQUIRE(f.write(file, "text") == 4);
    REQUIRE(f.call(__NR_lseek, file, 0, SEEK_SET) == 0);
    const VirtAddr path = f.text("/tmp/f");
    const std::uint32_t open_before = f.process.files->open_count();
    for (const std::uint32_t at : wild) {
        CAPTURE(at);
        for (const int call :
             {__NR_open,   __NR_creat,        __NR_unlink,   __NR_chdir,  __NR_mkdir,   __NR_rmdir,
              __NR_access, __NR_chmod,        __NR_truncate, __NR_stat64, __NR_lstat64, __NR_statfs,
              __NR_link,   __NR_rename,       __NR_symlink,  __NR_mknod,  __NR_chown32, __NR_execve,
              __NR_utimes, __NR_memfd_create, __NR_pipe,     __NR_uname,  __NR_sysinfo, __NR_nanosleep}) {
            CAPTURE(call);
            CHECK(f.call(static_cast<std::uint32_t>(call), at, 1) == -EFAULT);
        }
        CHECK(f.call(__NR_readlink, at, path, 1) == -EFAULT);
        CHECK(f.call(__NR_read, file, at, 4) == -EFAULT);
        CHECK(f.call(__NR_write, file, at, 4) == -EFAULT);
        CHECK(f.call(__NR_fstat64, file, at) == -EFAULT);
        CHECK(f.call(__NR_stat64, path, at) == -EFAULT);
        CHECK(f.call(__NR_fstatfs64, file, sizeof(abi::Statfs64), at) == -EFAULT);
        CHECK(f.call(__NR_statx, AT_FDCWD, path, 0, 0, at) == -EFAULT);
        CHECK(f.call(__NR_rename, path, at) == -EFAULT);
        CHECK(f.call(__NR_link, path, at) == -EFAULT);
        CHECK(f.call(__NR_getcwd, at, 100) == -EFAULT);
        CHECK(f.call(__NR_poll, at, 1, 0) == -EFAULT);
        CHECK(f.call(__NR__newselect, 1, at, 0, 0, 0) == -EFAULT);
        CHECK(f.call(__NR_fcntl64, file, F_GETLK64, at) == -EFAULT);
        CHECK(f.call(__NR_sendfile, file, file, at, 1) == -EFAULT);
        CHECK(f.call(__NR_getrandom, at, 4, 0) == -EFAULT);
        CHECK(f.call(__NR_clock_gettime, CLOCK_MONOTONIC, at) == -EFAULT);
        CHECK(f.call(__NR_getrlimit, 3, at) == -EFAULT);
        CHECK(f.call(__NR_rt_sigaction, SIGUSR1, at, 0, 8) == -EFAULT);
        CHECK(f.call(__NR_rt_sigprocmask, SIG_BLOCK, at, 0, 8) == -EFAULT);
        CHECK(f.call(__NR_set_thread_area, at) == -EFAULT);
        CHECK(f.call(__NR_sigaltstack, at, 0) == -EFAULT);
    }
    CHECK(f.process.files->open_count() == open_before);
    CHECK(f.call(__NR_lseek, file, 0, SEEK_CUR) == 0);
    CHECK(f.call(__NR_lseek, file, 0, SEEK_END) == 4);
}

TEST_CASE("paths may be long, but not too long, and must end", "[abi]") {
    FileCalls f;
    std::string path = "/tmp/f";
    REQUIRE(f.open(path) >= 0);
    while (path.size() + 2 < 4096) {
        path.insert(1, "./");
    }
    CHECK(f.call(__NR_access, f.text(path), 0) == 0);
    CHECK(f.call(__NR_access, f.text(path + "//"), 0) == -ENAMETOOLONG);
    CHECK(f.call(__NR_access, f.text(""), 0) == -ENOENT);
    const VirtAddr page = f.map_before_hole(); // text up to the last byte that there is
    const std::string unterminated(16, '/');
    REQUIRE(abi::write_memory(page + 4080, std::as_bytes(std::span(unterminated))));
    CHECK(f.call(__NR_access, page + 4080, 0) == -EFAULT);
    f.put('\0', page + 4095);
    CHECK(f.call(__NR_access, page + 4080, 0) == 0);
}

TEST_CASE("status comes in four shapes", "[abi]") {
    FileCalls f;
    const std::int32_t file = f.open("/tmp/f");
    REQUIRE(f.write(file, "12345") == 5);
    const VirtAddr into = f.next(sizeof(abi::Statx));
    REQUIRE(f.call(__NR_fstat64, file, into) == 0);
    const auto wide = f.get<abi::Stat64>(into);
    // Its members lie as in a 32-bit program, not aligned as here: they are copied to be compared.
    CHECK(std::int64_t{wide.size} == 5);
    CHECK(wide.mode == 0100600);
    CHECK(std::uint64_t{wide.inode} == std::uint64_t{wide.inode_low});
    REQUIRE(f.call(__NR_fstat, file, into) == 0);
    CHECK(f.get<abi::Stat>(into).size == 5);
    CHECK(f.get<abi::Stat>(into).inode == std::uint32_t{wide.inode_low});
    REQUIRE(f.call(__NR_statx, file, f.text(""), AT_EMPTY_PATH, 0, into) == 0);
    CHECK(f.get<abi::Statx>(into).size == 5);
    CHECK(f.call(__NR_statx, file, f.text(""), 0, 0, into) == -ENOENT);
    CHECK(f.call(__NR_fstatat64, AT_FDCWD, f.text("/tmp/f"), into, 0x1) == -EINVAL);
    REQUIRE(f.call(__NR_ftruncate64, file, 0, 1) == 0); // 4 GiB
    CHECK(f.call(__NR_fstat, file, into) == -EOVERFLOW);
    REQUIRE(f.call(__NR_fstat64, file, into) == 0);
    CHECK(std::int64_t{f.get<abi::Stat64>(into).size} == 0x100000000LL);
}

TEST_CASE("directories are listed entry by entry, in both shapes", "[abi]") {
    FileCalls f;
    for (const char* const name : {"/tmp/a", "/tmp/a_longer_name", "/tmp/b"}) {
        REQUIRE(f.open(name) >= 0);
    }
    const std::int32_t directory = f.open("/tmp", O_RDONLY | O_DIRECTORY);
    const VirtAddr buffer = f.next(64);
    CHECK(f.call(__NR_getdents64, directory, buffer, 8) == -EINVAL);
    CHECK(f.call(__NR_getdents64, directory, 0x10, 64) == -EFAULT);
    const auto list = [&](std::uint32_t call, std::uint32_t length_at, std::uint32_t name_at) {
        REQUIRE(f.call(__NR_lseek, directory, 0, SEEK_SET) == 0);
        std::set<std::string> names;
        for (std::int32_t bytes = 1; bytes > 0;) {
            bytes = f.call(call, directory, buffer, 64);
            REQUIRE(bytes >= 0);
            for (std::int32_t at = 0; at < bytes;) {
                const VirtAddr record = buffer + static_cast<std::uint32_t>(at);
                const auto length = f.get<std::uint16_t>(record + length_at);
                const std::string name = f.get_bytes(record + name_at, length - name_at);
                names.insert(name.c_str());
                at += length;
            }
        }
        return names;
    };
    const std::set<std::string> expected{".", "..", "a", "a_longer_name", "b"};
    CHECK(list(__NR_getdents64, 16, 19) == expected);
    CHECK(list(__NR_getdents, 8, 10) == expected);
    CHECK(f.call(__NR_getdents64, f.open("/tmp/a", O_RDONLY), buffer, 64) == -ENOTDIR);
}

TEST_CASE("descriptors are duplicated, controlled and piped", "[abi]") {
    FileCalls f;
    const std::int32_t file = f.open("/tmp/f");
    CHECK(f.call(__NR_dup, file) == 1);
    CHECK(f.call(__NR_dup2, file, 7) == 7);
    CHECK(f.call(__NR_dup2, 9, 9) == -EBADF);
    CHECK(f.call(__NR_dup2, file, 5000) == -EBADF);
    CHECK(f.call(__NR_dup3, file, file, 0) == -EINVAL);
    CHECK(f.call(__NR_dup3, file, 8, O_CLOEXEC) == 8);
    CHECK(f.call(__NR_fcntl64, 8, F_GETFD) == FD_CLOEXEC);
    CHECK(f.call(__NR_fcntl64, file, F_DUPFD, 20) == 20);
    CHECK(f.call(__NR_fcntl64, file, F_DUPFD, 5000) == -EINVAL);
    CHECK((f.call(__NR_fcntl64, file, F_GETFL) & O_ACCMODE) == O_RDWR);
    CHECK(f.call(__NR_fcntl64, file, 999) == -EINVAL);
    CHECK(f.call(__NR_close_range, 7, 30, 0) == 0);
    CHECK(f.call(__NR_close, 20) == -EBADF);
    const VirtAddr ends = f.next(8);
    REQUIRE(f.call(__NR_pipe2, ends, O_CLOEXEC | O_NONBLOCK) == 0);
    const auto in = f.get<std::int32_t>(ends), out = f.get<std::int32_t>(ends + 4);
    CHECK(in == 2);
    CHECK(out == 3);
    const VirtAddr buffer = f.next(16);
    CHECK(f.call(__NR_read, in, buffer, 16) == -EAGAIN);
    CHECK(f.write(out, "through") == 7);
    CHECK(f.call(__NR_read, in, buffer, 16) == 7);
    CHECK(f.get_bytes(buffer, 7) == "through");
    CHECK(f.call(__NR_pread64, in, buffer, 1, 0, 0) == -ESPIPE);
    CHECK(f.call(__NR_pipe2, ends, O_RDWR) == -EINVAL);
}

TEST_CASE("poll and select tell what can be done", "[abi]") {
    FileCalls f;
    const VirtAddr ends = f.next(8);
    REQUIRE(f.call(__NR_pipe2, ends, O_NONBLOCK) == 0);
    REQUIRE(f.write(1, "x") == 1);
    const VirtAddr array = f.put(std::array{abi::PollDescriptor{.descriptor = 0, .events = POLLIN},
                                            abi::PollDescriptor{.descriptor = 1, .events = POLLOUT},
                                            abi::PollDescriptor{.descriptor = -1, .events = POLLIN},
                                            abi::PollDescriptor{.descriptor = 50, .events = POLLIN}});
    CHECK(f.call(__NR_poll, array, 4, -1) == 3);
    const auto after = f.get<std::array<abi::PollDescriptor, 4>>(array);
    CHECK(after[0].returned == POLLIN);
    CHECK(after[1].returned == POLLOUT);
    CHECK(after[2].returned == 0);
    CHECK(after[3].returned == POLLNVAL);
    CHECK(f.call(__NR_poll, array, 5000, 0) == -EINVAL);
    const VirtAddr readable = f.put(std::uint32_t{1}), writable = f.put(std::uint32_t{2});
    CHECK(f.call(__NR__newselect, 2, readable, writable, 0, f.put(abi::Timeval{})) == 2);
    CHECK(f.get<std::uint32_t>(readable) == 1);
    f.put(std::uint32_t{2}, readable); // the end that is written to cannot be read
    CHECK(f.call(__NR__newselect, 2, readable, 0, 0, f.put(abi::Timeval{})) == 0);
    CHECK(f.get<std::uint32_t>(readable) == 0);
    f.put(std::uint32_t{1U << 20}, readable);
    CHECK(f.call(__NR__newselect, 32, readable, 0, 0, 0) == -EBADF);
    CHECK(f.call(__NR__newselect, -1, 0, 0, 0, 0) == -EINVAL);
}

TEST_CASE("bytes go from file to file", "[abi]") {
    FileCalls f;
    const std::int32_t from = f.open("/tmp/from"), to = f.open("/tmp/to");
    REQUIRE(f.write(from, "0123456789") == 10);
    const VirtAddr offset = f.put(std::int32_t{4});
    CHECK(f.call(__NR_sendfile, to, from, offset, 3) == 3);
    CHECK(f.get<std::int32_t>(offset) == 7);
    const VirtAddr wide = f.put(std::int64_t{8});
    CHECK(f.call(__NR_copy_file_range, from, wide, to, 0, 100, 0) == 2);
    CHECK(f.get<std::int64_t>(wide) == 10);
    const VirtAddr buffer = f.next(16);
    CHECK(f.call(__NR_pread64, to, buffer, 16, 0, 0) == 5);
    CHECK(f.get_bytes(buffer, 5) == "45689");
    CHECK(f.call(__NR_copy_file_range, from, 0, to, 0, 1, 1) == -EINVAL);
}

TEST_CASE("paths are made, renamed, linked and removed", "[abi]") {
    FileCalls f;
    CHECK(f.call(__NR_mkdir, f.text("/tmp/d"), 0777) == 0);
    CHECK(f.call(__NR_mkdir, f.text("/tmp/d"), 0777) == -EEXIST);
    CHECK(f.call(__NR_chdir, f.text("/tmp/d")) == 0);
    const VirtAddr buffer = f.next(64);
    CHECK(f.call(__NR_getcwd, buffer, 64) == 7);
    CHECK(f.get_bytes(buffer, 7) == std::string("/tmp/d\0", 7));
    CHECK(f.call(__NR_getcwd, buffer, 6) == -ERANGE);
    REQUIRE(f.open("x") >= 0);
    CHECK(f.call(__NR_symlink, f.text("x"), f.text("link")) == 0);
    CHECK(f.call(__NR_readlink, f.text("link"), buffer, 64) == 1);
    CHECK(f.call(__NR_readlink, f.text("link"), buffer, 0) == -EINVAL);
    CHECK(f.call(__NR_readlink, f.text("x"), buffer, 64) == -EINVAL);
    CHECK(f.call(__NR_link, f.text("x"), f.text("y")) == 0);
    CHECK(f.call(__NR_rename, f.text("y"), f.text("z")) == 0);
    CHECK(f.call(__NR_renameat2, AT_FDCWD, f.text("x"), AT_FDCWD, f.text("z"), RENAME_NOREPLACE) == -EEXIST);
    CHECK(f.call(__NR_renameat2, AT_FDCWD, f.text("x"), AT_FDCWD, f.text("z"), 3) == -EINVAL);
    CHECK(f.call(__NR_unlinkat, AT_FDCWD, f.text("z"), 1) == -EINVAL);
    CHECK(f.call(__NR_unlinkat, 77, f.text("z"), 0) == -EBADF);
    CHECK(f.call(__NR_rmdir, f.text("/tmp/d")) == -ENOTEMPTY);
    CHECK(f.call(__NR_access, f.text("x"), 8) == -EINVAL);
    CHECK(f.call(__NR_access, f.text("x"), 1) == -EACCES); // nobody may run it
    CHECK(f.call(__NR_access, f.text("x"), 6) == 0);
    CHECK(f.call(__NR_umask, 077) == 022);
    CHECK(f.call(__NR_umask, 022) == 077);
}

} // namespace
} // namespace quire
