// /proc tells about processes and the system in Linux's words, goes with the processes, and keeps nothing.
#include "kernel/memory/space/address_space.h"
#include "kernel/process/process_table.h"
#include "kernel/process/userland/userland.h"
#include "tests/host/process/userland/files_fixture.h"

#include <algorithm>
#include <regex>
#include <sstream>

namespace quire {
namespace {

using test::FilesFixture;
using namespace open_flag;

struct Fixture : FilesFixture {
    Fixture() : FilesFixture(test::ArchiveBuilder().file("bin/program", std::string(10'000, 'p'), true).finish()) {
        REQUIRE(files->show_processes(processes, facts, userland.block_devices, notes).has_value());
        init = &make("init");
        child = &make("a (strange) name");
        child->parent = init;
        child->space = adopt(AddressSpace::create(torus->memory)).value();
        child->files = FileTable::create(torus->memory.heap).value();
        child->context = FileContext::create(torus->memory.heap, *find("/tmp")).value();
        child->executable = RunningFile::of(*find("/bin/program")).value();
        services.who = {.process = child->id, .group = child->id, .session = child->id};
    }
    ~Fixture() {
        child->space = nullptr;
        child->files = nullptr;
        child->context = nullptr;
        child->executable = {};
    }
    Process& make(std::string_view name) {
        Process& process = **processes.make();
        process.set_name(name);
        return process;
    }
    Page map(std::uint32_t first, std::uint32_t pages, Access access, MemoryObject* object = nullptr,
             RegionKind kind = RegionKind::mapping) {
        return child->space
            ->map(
                {.hint = Page(first), .pages = pages, .access = access, .kind = kind, .fixed = true, .object = object})
            .value();
    }
    std::string of_child(std::string_view name) const {
        return contents("/proc/" + std::to_string(child->id) + "/" + std::string(name));
    }
    // The number behind a label such as "VmSize:".
    static long value(const std::string& text, const std::string& label) {
        std::smatch match;
        INFO(text);
        REQUIRE(std::regex_search(text, match, std::regex("(^|\n)" + label + "\\s+(-?[0-9]+)")));
        return std::stol(match[2]);
    }

    SystemFacts facts;
    Userland userland{torus->memory, facts, std::nullopt, notes};
    ProcessTable& processes = userland.processes;
    Process* init = nullptr;
    Process* child = nullptr;
};

TEST_CASE("/proc lists what there is, and the processes", "[proc]") {
    Fixture f;
    const std::vector<std::string> names = f.list("/proc");
    for (const char* const each : {".", "..", "self", "meminfo", "stat", "mounts", "sys", "1", "2"}) {
        INFO(each);
        CHECK(std::count(names.begin(), names.end(), each) == 1);
    }
    CHECK(f.find_error("/proc/3") == Error::not_found);
    CHECK(f.find_error("/proc/01") == Error::not_found);
    CHECK(f.find_error("/proc/+1") == Error::not_found);
    CHECK(f.find_error("/proc/99999999999") == Error::not_found);
    CHECK(f.find_error("/proc/1/none") == Error::not_found);
    CHECK(f.list("/proc/2/task") == std::vector<std::string>{".", "..", "2"});
    CHECK(f.find("/proc/2/task/2/stat")->is_regular());
    CHECK(f.find_error("/proc/2/task/2/task") == Error::not_found);
    CHECK(f.find("/proc/2/..").get() == f.find("/proc").get());
    CHECK(f.open("/proc/meminfo", write_only | truncate).has_value());
    CHECK(f.open("/proc/new", create | write_only).error() == Error::not_permitted);
    CHECK(f.path_of(*f.find("/proc/2/status")) == "/proc/2/status");
}

TEST_CASE("every text of /proc can be read", "[proc]") {
    Fixture f;
    f.map(0x8048, 4, {.read = true, .write = true});
    const std::function<void(const std::string&)> read_all = [&](const std::string& path) {
        for (const std::string& name : f.list(path)) {
            const std::string full = path + "/" + name;
            const Ref<Inode> inode = f.find(full, Namespace::LastLink::keep);
            if (inode->is_directory() && name != "." && name != "..") {
                read_all(full);
            } else if (inode->is_regular() && name != "pagemap") {
                INFO(full);
                const std::string text = f.contents(full);
                CHECK(
                    (text.empty() || text.back() == '\n' || name == "cmdline" || name == "environ" || name == "wchan"));
            }
        }
    };
    read_all("/proc");
    CHECK(f.notes.text().empty());
}

TEST_CASE("self is the caller, and links lead to its files", "[proc]") {
    Fixture f;
    const std::string self = "/proc/" + std::to_string(f.child->id);
    CHECK(f.path_of(*f.find("/proc/self")) == self);
    CHECK(f.find("/proc/self/exe").get() == f.find("/bin/program").get());
    CHECK(f.find("/proc/self/cwd").get() == f.find("/tmp").get());
    CHECK(f.find("/proc/self/root/bin/program").get() == f.find("/bin/program").get());
    const auto target = [&](std::string_view path) {
        std::string text(100, '\0');
        text.resize(f.find(path, Namespace::LastLink::keep)->read_link(text).value());
        return text;
    };
    CHECK(target("/proc/self") == std::to_string(f.child->id));
    CHECK(target("/proc/self/exe") == "/bin/program");
    CHECK(target("/proc/self/cwd") == "/tmp");
    CHECK(target("/proc/mounts") == "self/mounts");
    // A process without memory has no program.
    const std::string other = "/proc/" + std::to_string(f.init->id);
    CHECK(f.find_error(other + "/exe") == Error::not_found);
    CHECK(f.find(other + "/exe", Namespace::LastLink::keep)->read_link({}).error() == Error::not_found);

    // Descriptors: /dev/stdout is the file itself, removed or not.
    const Ref<File> file = f.open("/tmp/out", create | read_write).value();
    const PipeEnds pipe = f.files->make_pipe(0).value();
    REQUIRE(f.child->files->set(1, file, false).has_value());
    REQUIRE(f.child->files->set(40, pipe.read, false).has_value());
    CHECK(f.list("/dev/fd/") == std::vector<std::string>{".", "..", "1", "40"});
    REQUIRE(f.names().unlink(f.here(), "/tmp/out").has_value());
    CHECK(target("/proc/self/fd/1") == "/tmp/out (deleted)");
    CHECK(target("/proc/self/fd/40") == "pipe:[1]");
    REQUIRE(FilesFixture::write(*f.open("/dev/stdout", write_only).value(), "text") == 4U);
    CHECK(f.contents("/proc/self/fd/1") == "text");
    CHECK(f.find_error("/dev/stdin") == Error::not_found);
    CHECK(f.find_error("/proc/self/fd/2") == Error::not_found);
}

TEST_CASE("maps, smaps and statm show the regions", "[proc]") {
    Fixture f;
    const Ref<Inode> program = f.find("/bin/program");
    f.map(0x8048, 3, {.read = true, .execute = true}, *program->pages(), RegionKind::program);
    const Page data = f.map(0x804B, 2, {.read = true, .write = true});
    f.map(0x9000, 1, {.read = true, .write = true}, nullptr, RegionKind::heap);
    const std::array<std::byte, 5> bytes{};
    REQUIRE(f.child->space->write(data.start(), bytes).has_value());
    const std::string number = std::to_string(program->number());
    std::string first = "08048000-0804b000 r-xp 00000000 00:01 " + number + " ";
    first.resize(49, ' ');
    CHECK(f.of_child("maps") == first + "/bin/program\n"
                                        "0804b000-0804d000 rw-p 00000000 00:00 0 \n"
                                        "09000000-09001000 rw-p 00000000 00:00 0          [heap]\n");
    const std::string smaps = f.of_child("smaps");
    const std::size_t at = smaps.find("0804b000");
    CHECK(smaps.substr(at).find("Size:                  8 kB\n") != std::string::npos);
    CHECK(smaps.substr(at).find("Private_Dirty:         4 kB\n") != std::string::npos);
    CHECK(smaps.substr(at).find("VmFlags: rd wr mr mw me ac \n") != std::string::npos);
    CHECK(Fixture::value(f.of_child("smaps_rollup"), "Rss:") == 4);
    CHECK(f.of_child("statm").starts_with("6 1 0 3 0 "));
    const std::string status = f.of_child("status");
    CHECK(Fixture::value(status, "VmSize:") == 24);
    CHECK(Fixture::value(status, "VmRSS:") == 4);
    CHECK(Fixture::value(status, "Pid:") == f.child->id);
    CHECK(Fixture::value(status, "PPid:") == f.init->id);
    CHECK(status.starts_with("Name:\ta (strange) nam\nUmask:\t0022\nState:\tR (running)\n"));
}

TEST_CASE("the page map has a word for each page", "[proc]") {
    Fixture f;
    const Page page = f.map(0x8048, 2, {.read = true, .write = true});
    const std::array<std::byte, 5> bytes{};
    REQUIRE(f.child->space->write(page.start(), bytes).has_value());
    const Ref<File> map = f.open("/proc/self/pagemap").value();
    std::array<std::uint64_t, 3> words{~0ULL, ~0ULL, ~0ULL};
    IoBuffer buffer(std::as_writable_bytes(std::span(words)));
    CHECK(map->read_at(buffer, 0x8048ULL * 8) == 24U);
    CHECK(words[0] >> 63 == 1);
    CHECK((words[0] & 0x7FFFFF) == f.child->space->page_state(page).frame.number());
    CHECK(words[1] == 0);
    CHECK(words[2] == 0);
    IoBuffer odd(std::as_writable_bytes(std::span(words)));
    CHECK(map->read_at(odd, 4).error() == Error::invalid_argument);
    IoBuffer behind(std::as_writable_bytes(std::span(words)));
    CHECK(map->read_at(behind, 1ULL << 40) == 0U);
}

TEST_CASE("stat has 52 fields, whatever the program is called", "[proc]") {
    Fixture f;
    const std::string text = f.of_child("stat");
    CHECK(text.starts_with(std::to_string(f.child->id) + " (a (strange) nam) R " + std::to_string(f.init->id) + " "));
    std::istringstream rest(text.substr(text.rfind(')') + 2));
    unsigned fields = 2;
    for (std::string field; rest >> field;) {
        ++fields;
    }
    CHECK(fields == 52);
}

TEST_CASE("arguments are read from the process's memory", "[proc]") {
    Fixture f;
    const Page page = f.map(0x8048, 2, {.read = true, .write = true});
    constexpr std::string_view text("ls\0-l\0A=b\0", 10);
    REQUIRE(f.child->space->write(page.start() + 4090, std::as_bytes(std::span(text))).has_value());
    f.child->arguments_start = page.start().value() + 4090;
    f.child->arguments_end = f.child->environment_start = f.child->arguments_start + 6;
    f.child->environment_end = f.child->environment_start + 4;
    CHECK(f.of_child("cmdline") == std::string_view("ls\0-l\0", 6));
    CHECK(f.of_child("environ") == std::string_view("A=b\0", 4));
    CHECK(f.contents("/proc/1/cmdline").empty());
    f.child->arguments_end = 0xFFFFFFFF; // whatever exec left there
    CHECK(f.of_child("cmdline").size() < 2 * page_size);
}

TEST_CASE("a text is of one moment, and a process that has ended is gone", "[proc]") {
    Fixture f;
    Process& third = f.make("third");
    const std::string path = "/proc/" + std::to_string(third.id);
    const Ref<File> comm = f.open(path + "/comm", read_write).value();
    CHECK(FilesFixture::read(*comm, 3) == "thi");
    third.set_name("changed");
    CHECK(FilesFixture::read(*comm, 100) == "rd\n");
    CHECK(comm->seek(0, 0) == 0U);
    CHECK(FilesFixture::read(*comm, 100) == "changed\n");
    CHECK(FilesFixture::write(*comm, "again\n") == 6U);
    CHECK(third.title() == "again");
    f.processes.remove(third);
    CHECK(comm->seek(0, 0) == 0U);
    CHECK(FilesFixture::read(*comm, 100).error() == Error::no_process);
    CHECK(f.find_error(path) == Error::not_found);
}

TEST_CASE("what the system tells is what the memory manager counts", "[proc]") {
    Fixture f;
    const std::string memory = f.contents("/proc/meminfo");
    const FrameStatistics frames = f.torus->memory.frames.statistics();
    CHECK(Fixture::value(memory, "MemTotal:") == 4L * frames.ram);
    CHECK(std::abs(Fixture::value(memory, "MemFree:") - 4L * frames.free) < 64);
    CHECK(memory.starts_with("MemTotal:       "));
    CHECK(Fixture::value(f.contents("/proc/vmstat"), "nr_free_pages") > 0);
    CHECK(f.contents("/proc/sys/kernel/pid_max") == "32768\n");
    CHECK(f.contents("/proc/mounts").starts_with("rootfs / rootfs ro,relatime 0 0\ndevtmpfs /dev devtmpfs rw"));
    CHECK(f.contents("/proc/mounts").find("proc /proc proc rw,relatime 0 0\n") != std::string::npos);
    CHECK(f.contents("/proc/stat").starts_with("cpu  "));
    CHECK(f.contents("/proc/version").starts_with("Linux version 6.1"));

    const Ref<File> policy = f.open("/proc/sys/vm/overcommit_memory", read_write).value();
    CHECK(FilesFixture::write(*policy, "2\n") == 2U);
    CHECK(f.torus->memory.commit.policy() == CommitPolicy::never);
    CHECK(f.contents("/proc/sys/vm/overcommit_memory") == "2\n");
    CHECK(FilesFixture::write(*policy, "3").error() == Error::invalid_argument);
    CHECK(f.contents("/proc/sys/vm/swappiness") == "60\n");
    const Ref<File> swappiness = f.open("/proc/sys/vm/swappiness", read_write).value();
    CHECK(FilesFixture::write(*swappiness, "200\n") == 4U);
    CHECK(f.torus->memory.pager.swappiness == 200);
    CHECK(f.contents("/proc/sys/vm/swappiness") == "200\n");
    CHECK(FilesFixture::write(*swappiness, "201").error() == Error::invalid_argument);
    CHECK(FilesFixture::write(*f.open("/proc/meminfo", write_only).value(), "x").error() == Error::input_output);
}

TEST_CASE("faults of processes that have ended stay counted", "[proc]") {
    Fixture f;
    const auto faults = [&] { return Fixture::value(f.contents("/proc/vmstat"), "pgfault"); };
    const long before = faults();
    {
        const Ref<AddressSpace> space = adopt(AddressSpace::create(f.torus->memory)).value();
        const Page page = space->map({.pages = 3, .access = {.read = true, .write = true}}).value();
        for (std::uint32_t each = 0; each < 3; ++each) {
            CHECK(space->handle_fault((page + each).start(), {.write = true}) == FaultOutcome::demand_zero);
        }
        CHECK(faults() == before + 3);
    }
    CHECK(faults() == before + 3);
}

TEST_CASE("pressure is told in Linux's format, and by what was waited for", "[proc]") {
    Fixture f;
    const std::regex format(
        "some avg10=[0-9]+\\.[0-9]{2} avg60=[0-9]+\\.[0-9]{2} avg300=[0-9]+\\.[0-9]{2} total=([0-9]+)\n"
        "full avg10=[0-9]+\\.[0-9]{2} avg60=[0-9]+\\.[0-9]{2} avg300=[0-9]+\\.[0-9]{2} total=([0-9]+)\n");
    const auto totals = [&](const char* path) {
        const std::string text = f.contents(path);
        std::smatch match;
        INFO(text);
        REQUIRE(std::regex_match(text, match, format));
        return std::pair(std::stol(match[1]), std::stol(match[2]));
    };
    CHECK(totals("/proc/pressure/memory") == std::pair(0L, 0L));
    CHECK(Fixture::value(f.contents("/proc/stat"), "procs_blocked") == 0);
    {
        const Stall stall(f.processes.scheduler.pressure, {.memory = true});
        f.torus.machine.pass_time(3'000'000);
        CHECK(totals("/proc/pressure/memory").first >= 3000);
        const Stall disk(f.processes.scheduler.pressure, {.io = true});
        CHECK(Fixture::value(f.contents("/proc/stat"), "procs_blocked") == 1);
    }
    CHECK(totals("/proc/pressure/memory").first < 4000);
    CHECK(totals("/proc/pressure/memory").second == 0); // somebody ran
    CHECK(totals("/proc/pressure/io").first < 1000);
    CHECK_FALSE(f.processes.scheduler.pressure.at_tick(machine::nanoseconds() + PressureAverages::period));
    CHECK(f.contents("/proc/pressure/memory").find("some avg10=0.0") != std::string::npos);
}

TEST_CASE("a process that waits for a page is in disk sleep", "[proc]") {
    Fixture f;
    f.child->thread.state = ThreadState::blocked;
    f.child->thread.interruptible = true;
    CHECK(f.of_child("status").find("State:\tS (sleeping)\n") != std::string::npos);
    f.child->thread.interruptible = false; // as Scheduler::wait_killable() leaves it
    CHECK(f.of_child("status").find("State:\tD (disk sleep)\n") != std::string::npos);
    CHECK(f.of_child("stat").find(") D ") != std::string::npos);
    f.child->thread.state = ThreadState::ready;
}

TEST_CASE("looking at /proc leaves nothing behind", "[proc]") {
    Fixture f;
    const std::size_t before = f.torus->memory.heap.statistics().live_bytes;
    for (unsigned each = 0; each < 5; ++each) {
        f.list("/proc/self/task/2/fd");
        f.contents("/proc/self/smaps");
        f.find("/proc/self/fd/../../2/task/../maps");
    }
    CHECK(f.torus->memory.heap.statistics().live_bytes == before);
}

} // namespace
} // namespace quire
