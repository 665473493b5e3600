// Who waited for a device runs first, in turn with others of that kind, and never so long that the rest get nothing.
#include "kernel/process/userland/userland.h"
#include "kernel/sched/scheduler.h"
#include "tests/host/support/booted_torus.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <string>

namespace quire::test {
namespace {

// Threads of the kernel's that say their names each time they are woken.
class Crew {
public:
    explicit Crew(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            Member& member = members.emplace_back(*this, static_cast<char>('A' + i));
            scheduler.start(
                member.thread, userland.processes.stacks.allocate().value(),
                [](void* which) { static_cast<Member*>(which)->run(); }, &member);
        }
        scheduler.yield();
        said.clear();
    }

    struct Member {
        Member(Crew& its_crew, char its_name)
            : crew(&its_crew), name(its_name),
              thread(its_crew.scheduler, its_crew.userland.processes.kernel(), Thread::Kind::kernel) {}
        [[noreturn]] void run() {
            while (true) {
                crew->said += name;
                if (then) {
                    then();
                }
                must_succeed(crew->scheduler.wait_killable(go));
            }
        }

        Crew* crew;
        char name;
        Thread thread;
        WaitQueue go;
        std::function<void()> then;
    };

    void wake(const std::string& names) {
        for (const char name : names) {
            members.at(static_cast<std::size_t>(name - 'A')).go.wake();
        }
    }
    void wake_by_device(const std::string& names) {
        const Scheduler::DeviceService service(scheduler);
        wake(names);
    }
    // What is said until this thread runs again.
    std::string turn() {
        scheduler.yield();
        return std::exchange(said, {});
    }
    void tick() {
        scheduler.tick();
        scheduler.safe_point(false);
    }

    BootedTorus torus;
    StringSink notes;
    Userland userland{torus->memory, {}, std::nullopt, notes};
    Scheduler& scheduler = userland.processes.scheduler;
    std::string said;
    std::deque<Member> members;
};

} // namespace

TEST_CASE("who waited for a device runs before those who were ready, and all in turn", "[sched]") {
    Crew crew(5);
    crew.wake("AB");
    crew.wake_by_device("CD");
    crew.wake("E");
    CHECK(crew.turn() == "CDABE");
    crew.wake("A");
    crew.wake_by_device("B");
    crew.wake_by_device("C"); // behind the one before
    CHECK(crew.turn() == "BCA");
    crew.wake_by_device("E");
    crew.wake("D");
    CHECK(crew.turn() == "ED");
}

TEST_CASE("who computes whenever a device wakes him does not keep the others from running", "[sched]") {
    Crew crew(3);
    crew.members[0].then = [&] { crew.tick(); }; // a tick meets him
    for (std::uint32_t i = 0; i < Scheduler::most_preferred_ticks; ++i) {
        crew.wake("B");
        crew.wake_by_device("A");
        CHECK(crew.turn() == "AB");
        crew.scheduler.yield();
    }
    crew.wake("B");
    crew.wake_by_device("C");
    CHECK(crew.turn() == "BC");
    crew.tick(); // meets one who waited for nothing
    crew.said.clear();
    crew.wake("B");
    crew.wake_by_device("C");
    CHECK(crew.turn() == "CB");
}

} // namespace quire::test
