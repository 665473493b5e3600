// The table of system calls: names, arguments out of registers, errno values; and that docs/system-calls.md says what
// the table does.
#include "kernel/abi/errno.h"
#include "kernel/abi/table/call_table.h"
#include "kernel/abi/table/strace.h"
#include "kernel/abi/uapi.h"
#include "tests/host/abi/calls_fixture.h"

#include <fstream>
#include <map>
#include <sstream>

namespace quire {
namespace {

using abi::ArgumentKind;
using abi::Support;
using test::CallsFixture;

TEST_CASE("every error has an errno value with a name", "[abi]") {
    for (std::uint32_t each = 0; each <= static_cast<std::uint32_t>(last_error); ++each) {
        const std::int32_t number = abi::errno_of(static_cast<Error>(each));
        CAPTURE(name_of(static_cast<Error>(each)));
        CHECK(number > 0);
        CHECK(abi::errno_name(number) != nullptr);
    }
    CHECK(abi::errno_of(Error::bad_address) == EFAULT);
    CHECK(abi::errno_of(Error::would_block) == EAGAIN);
    CHECK(std::string(abi::errno_name(ENOENT)) == "ENOENT");
    CHECK(abi::errno_name(4000) == nullptr);
}

TEST_CASE("calls are known by name and number", "[abi]") {
    CHECK(std::string(abi::call_name(192)) == "mmap2");
    CHECK(std::string(abi::call_name(0)) == "restart_syscall");
    CHECK(abi::call_name(222) == nullptr);
    CHECK(abi::call_name(~0U) == nullptr);
    for (std::uint32_t number = 0; number < abi::call_count; ++number) {
        CAPTURE(number);
        CHECK(abi::call_functions[number] != nullptr);
        CHECK((abi::describe_call(number).support == Support::unknown || abi::call_name(number) != nullptr));
    }
    CHECK(abi::describe_call(~0U).support == Support::unknown);
}

TEST_CASE("arguments come out of the registers they are passed in", "[abi]") {
    machine::TrapFrame registers{};
    registers.ebx = 1;
    registers.ecx = ~0U;
    registers.edx = 3;
    registers.esi = 0x80000000;
    registers.edi = 5;
    registers.ebp = 6;
    CHECK(abi::decode<std::uint32_t, 0>(registers) == 1);
    CHECK(abi::decode<std::int32_t, 1>(registers) == -1);
    CHECK(abi::decode<std::int64_t, 2>(registers) == static_cast<std::int64_t>(0x80000000'00000003ULL));
    CHECK(abi::decode<std::int64_t, 3>(registers) == 0x5'80000000LL);
    CHECK(abi::decode<VirtAddr, 5>(registers) == VirtAddr(6));
    CHECK(abi::decode<abi::Descriptor, 1>(registers) == abi::Descriptor{-1});
    CHECK(abi::decode<abi::UserText, 4>(registers).address == VirtAddr(5));
    const auto pread = abi::describe_call(__NR_pread64).arguments;
    CHECK(pread[0] == ArgumentKind::descriptor);
    CHECK(pread[3] == ArgumentKind::wide);
    CHECK(pread[4] == ArgumentKind::wide);
    CHECK(pread[5] == ArgumentKind::none);
}

TEST_CASE("what is not there is named once and answered with ENOSYS", "[abi]") {
    CallsFixture f;
    CHECK(f.call(__NR_ptrace) == -ENOSYS);
    CHECK(f.torus.machine.printed().find("26 (ptrace)") != std::string::npos);
    f.torus.machine.clear_printed();
    CHECK(f.call(__NR_ptrace) == -ENOSYS);
    CHECK(f.torus.machine.printed().empty());
    CHECK(f.call(100'000) == -ENOSYS);
    CHECK(f.torus.machine.printed().find("100000") != std::string::npos);
    f.torus.machine.clear_printed();
    CHECK(f.call(~0U) == -ENOSYS);
    CHECK(f.call(__NR_rseq) == -ENOSYS);
    CHECK(f.call(__NR_socket) == -EAFNOSUPPORT);
    CHECK(f.call(__NR_bind, 0) == -EBADF);
    CHECK(f.torus.machine.printed().empty());
}

std::string line_of(CallsFixture& f, std::uint32_t number, std::array<std::uint32_t, 6> words) {
    machine::TrapFrame registers{};
    registers.ebx = words[0];
    registers.ecx = words[1];
    registers.edx = words[2];
    registers.esi = words[3];
    registers.edi = words[4];
    registers.ebp = words[5];
    static_cast<void>(f);
    test::StringSink line;
    abi::print_call(line, registers, number);
    return line.text();
}

TEST_CASE("strace shows flags by name, text in quotes and wide numbers whole", "[abi]") {
    CallsFixture f;
    CHECK(line_of(f, __NR_mmap2, {0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, ~0U, 0}) ==
          "mmap2(0, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)");
    CHECK(line_of(f, __NR_mprotect, {0x8048000, 4096, 0}) == "mprotect(0x8048000, 4096, PROT_NONE)");
    CHECK(line_of(f, __NR_mprotect, {0x8048000, 4096, 0x100}) == "mprotect(0x8048000, 4096, 0x100)");
    CHECK(line_of(f, __NR_madvise, {0x8048000, 4096, MADV_DONTNEED}) == "madvise(0x8048000, 4096, MADV_DONTNEED)");
    CHECK(line_of(f, __NR_open, {f.text("/a \"b\"\n").value(), O_RDWR | O_CREAT, 0644}) ==
          "open(\"/a \\\"b\\\"\\n\", O_RDWR|O_CREAT, 0644)");
    CHECK(line_of(f, __NR_open, {0x10, 0, 0}) == "open(0x10, O_RDONLY, 00)");
    CHECK(line_of(f, __NR_openat, {static_cast<std::uint32_t>(AT_FDCWD), f.text("x").value(), 0, 0}) ==
          "openat(AT_FDCWD, \"x\", O_RDONLY, 00)");
    CHECK(line_of(f, __NR_pread64, {3, 0x1000, 10, 5, 1}) == "pread64(3, 0x1000, 10, 4294967301)");
    CHECK(line_of(f, __NR_kill, {~0U, SIGTERM}) == "kill(-1, SIGTERM)");
    CHECK(line_of(f, __NR_clone, {CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0}) ==
          "clone(CLONE_VM|CLONE_VFORK|SIGCHLD, 0, 0, 0, 0)");
    CHECK(line_of(f, 222, {}) == "system call 222()");
    const std::string long_text(100, 'x');
    CHECK(line_of(f, __NR_unlink, {f.text(long_text).value()}) == "unlink(\"" + std::string(48, 'x') + "\"…)");
}

TEST_CASE("strace shows answers as errno, number or address, and only for processes that are watched", "[abi]") {
    const auto shown = [](std::int32_t answer) {
        test::StringSink text;
        abi::print_answer(text, answer);
        return text.text();
    };
    CHECK(shown(0) == "0");
    CHECK(shown(-ENOENT) == "-1 ENOENT");
    CHECK(shown(-4000) == "-1 errno 4000");
    CHECK(shown(0x20000000) == "0x20000000");
    CHECK(shown(-5000) == "0xffffec78");
    CallsFixture f;
    static_cast<void>(f.call(__NR_getpid));
    CHECK(f.torus.machine.printed().empty());
    f.process.traced = true;
    static_cast<void>(f.call(__NR_close, 9));
    CHECK(f.torus.machine.printed() == "[0] close(9) = -1 EBADF\n");
}

// Rows look like "| 192 | mmap2 | yes | … |".
std::map<std::uint32_t, std::pair<std::string, std::string>> rows_of_the_manual() {
    std::map<std::uint32_t, std::pair<std::string, std::string>> rows;
    std::ifstream file(QUIRE_SOURCE_DIR "/docs/system-calls.md");
    REQUIRE(file.good());
    for (std::string line; std::getline(file, line);) {
        std::istringstream cells(line);
        std::string bar, name, between, support;
        std::uint32_t number = 0;
        if (cells >> bar >> number >> between >> name >> between >> support && bar == "|") {
            rows[number] = {name, support};
        }
    }
    return rows;
}

TEST_CASE("the manual's table of system calls is the kernel's", "[abi]") {
    const auto rows = rows_of_the_manual();
    for (std::uint32_t number = 0; number < abi::call_count; ++number) {
        const char* const name = abi::call_name(number);
        const auto row = rows.find(number);
        CAPTURE(number);
        if (name == nullptr) {
            CHECK(row == rows.end());
            continue;
        }
        REQUIRE(row != rows.end());
        CHECK(row->second.first == name);
        const Support support = abi::describe_call(number).support;
        CHECK(row->second.second == (support == Support::served    ? "yes"
                                     : support == Support::refused ? "refused"
                                                                   : "no"));
    }
}

} // namespace
} // namespace quire
