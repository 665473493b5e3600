// Signals, limits, ids, time and futexes, as far as they need nobody to run.
#include "kernel/abi/time/clock.h"
#include "kernel/abi/uapi.h"
#include "kernel/process/futex.h"
#include "tests/host/abi/calls_fixture.h"

namespace quire {
namespace {

using test::CallsFixture;

TEST_CASE("signal actions are set and told", "[abi]") {
    CallsFixture f;
    const VirtAddr action = f.put(
        abi::NewSignalAction{.handler = 0x8050000, .flags = SA_RESTART, .restorer = 1, .mask = ~std::uint64_t{0}});
    const VirtAddr before = f.next(sizeof(abi::NewSignalAction));
    CHECK(f.call(__NR_rt_sigaction, SIGUSR1, action, 0, 8) == 0);
    CHECK(f.call(__NR_rt_sigaction, SIGUSR1, 0, before, 8) == 0);
    const auto told = f.get<abi::NewSignalAction>(before);
    CHECK(told.handler == 0x8050000);
    CHECK((told.mask & unblockable) == 0); // SIGKILL and SIGSTOP cannot be blocked
    CHECK(f.call(__NR_rt_sigaction, SIGUSR1, action, 0, 4) == -EINVAL);
    CHECK(f.call(__NR_rt_sigaction, SIGKILL, action, 0, 8) == -EINVAL);
    CHECK(f.call(__NR_rt_sigaction, SIGKILL, 0, before, 8) == 0);
    CHECK(f.call(__NR_rt_sigaction, 65, action, 0, 8) == -EINVAL);
    CHECK(f.call(__NR_rt_sigaction, 0, action, 0, 8) == -EINVAL);
    CHECK(f.call(__NR_signal, SIGUSR1, SignalAction::ignored) == 0x8050000);
    CHECK(f.call(__NR_signal, SIGUSR1, SignalAction::by_default) == 1);
}

TEST_CASE("signal masks are changed and told", "[abi]") {
    CallsFixture f;
    const VirtAddr set = f.put(std::uint64_t{0x8000000000000200}), before = f.next(8);
    CHECK(f.call(__NR_rt_sigprocmask, SIG_BLOCK, set, 0, 8) == 0);
    CHECK(f.call(__NR_rt_sigprocmask, SIG_UNBLOCK, f.put(std::uint64_t{0x200}), before, 8) == 0);
    CHECK(f.get<std::uint64_t>(before) == 0x8000000000000200);
    CHECK(f.call(__NR_rt_sigprocmask, 9, set, 0, 8) == -EINVAL);
    CHECK(f.call(__NR_rt_sigprocmask, 9, 0, before, 8) == 0); // nothing is set: how does not matter
    CHECK(f.get<std::uint64_t>(before) == 0x8000000000000000);
    CHECK(f.call(__NR_sigprocmask, SIG_SETMASK, f.put(std::uint32_t{0xFFFFFFFF}), 0) == 0);
    CHECK(f.process.signals.blocked == (0x80000000FFFFFFFF & ~unblockable)); // the high half stays
    CHECK(f.call(__NR_rt_sigpending, before, 9) == -EINVAL);
    CHECK(f.call(__NR_rt_sigpending, before, 8) == 0);
    CHECK(f.get<std::uint64_t>(before) == 0);
}

TEST_CASE("alternate stacks are checked", "[abi]") {
    CallsFixture f;
    const auto set = [&](abi::SignalStack stack) { return f.call(__NR_sigaltstack, f.put(stack), 0); };
    CHECK(set({.start = 0x1000, .flags = 0, .size = 100}) == -ENOMEM);
    CHECK(set({.start = 0x1000, .flags = 77, .size = 8192}) == -EINVAL);
    CHECK(set({.start = 0x1000, .flags = 0, .size = 8192}) == 0);
    const VirtAddr before = f.next(sizeof(abi::SignalStack));
    CHECK(f.call(__NR_sigaltstack, 0, before) == 0);
    CHECK(f.get<abi::SignalStack>(before).size == 8192);
    CHECK(set({.start = 0, .flags = SS_DISABLE, .size = 0}) == 0);
    CHECK(f.call(__NR_sigaltstack, 0, before) == 0);
    CHECK(f.get<abi::SignalStack>(before).flags == SS_DISABLE);
}

TEST_CASE("signals to nobody are refused in Linux's order", "[abi]") {
    CallsFixture f;
    CHECK(f.call(__NR_kill, 77, 0) == -ESRCH);
    CHECK(f.call(__NR_kill, 77, 99) == -ESRCH);
    CHECK(f.call(__NR_kill, 0x80000000, 1) == -ESRCH);
    CHECK(f.call(__NR_tkill, 0, 1) == -EINVAL);
    CHECK(f.call(__NR_tgkill, 1, -1, 1) == -EINVAL);
    CHECK(f.call(__NR_tgkill, 77, 77, 1) == -ESRCH);
    CHECK(f.call(__NR_rt_sigqueueinfo, 77, 1, f.put(abi::SignalDetails{.code = 0})) == -EPERM);
    CHECK(f.call(__NR_rt_sigqueueinfo, 77, 1, f.put(abi::SignalDetails{.code = -1})) == -ESRCH);
    CHECK(f.call(__NR_wait4, -1, 0, 0x100, 0) == -EINVAL);
    CHECK(f.call(__NR_wait4, 0x80000000, 0, 0, 0) == -ESRCH);
    CHECK(f.call(__NR_wait4, -1, 0, 0, 0) == -ECHILD);
    CHECK(f.call(__NR_waitid, P_ALL, 0, 0, 0, 0) == -EINVAL);
    CHECK(f.call(__NR_waitid, P_PID, -1, 0, WEXITED, 0) == -EINVAL);
}

TEST_CASE("limits are set, kept in order, and reach what they limit", "[abi]") {
    CallsFixture f;
    const auto set = [&](std::uint32_t which, std::uint64_t soft, std::uint64_t hard) {
        return f.call(__NR_prlimit64, 0, which, f.put(abi::Limit64{.soft = soft, .hard = hard}), 0);
    };
    // The process is the kernel's own here, which the call finds only as itself.
    CHECK(set(RLIMIT_AS, 2, 1) == -EINVAL);
    CHECK(set(16, 1, 1) == -EINVAL);
    CHECK(set(RLIMIT_NOFILE, 5000, 5000) == -EPERM);
    CHECK(set(RLIMIT_NOFILE, 3, 100) == 0);
    CHECK(f.process.files->limit() == 3);
    CHECK(set(RLIMIT_AS, 1U << 20, ~std::uint64_t{0}) == 0);
    CHECK(f.process.space->limits.address_space == 256);
    const VirtAddr into = f.next(sizeof(abi::Limit32));
    CHECK(f.call(__NR_ugetrlimit, RLIMIT_AS, into) == 0);
    CHECK(f.get<abi::Limit32>(into).soft == 1U << 20);
    CHECK(f.get<abi::Limit32>(into).hard == ~0U);
    CHECK(f.call(__NR_getrlimit, RLIMIT_AS, into) == 0);
    CHECK(f.get<abi::Limit32>(into).hard == 0x7FFFFFFF);
    CHECK(f.call(__NR_prlimit64, 4711, RLIMIT_AS, 0, into) == -ESRCH);
}

TEST_CASE("there is one user, and the system says what it is", "[abi]") {
    CallsFixture f;
    CHECK(f.call(__NR_getuid32) == 0);
    CHECK(f.call(__NR_setuid32, 0) == 0);
    CHECK(f.call(__NR_setuid32, 1000) == -EPERM);
    CHECK(f.call(__NR_setresuid32, -1, 0, -1) == 0);
    const VirtAddr name = f.next(sizeof(abi::SystemName));
    CHECK(f.call(__NR_uname, name) == 0);
    CHECK(f.get_bytes(name, 6) == std::string("Linux\0", 6));
    CHECK(f.get_bytes(name + 4 * 65, 5) == std::string("i686\0", 5));
    const VirtAddr information = f.next(sizeof(abi::SystemInformation));
    CHECK(f.call(__NR_sysinfo, information) == 0);
    CHECK(f.get<abi::SystemInformation>(information).total > 60U << 20);
    CHECK(f.call(__NR_prctl, PR_SET_NAME, f.text("a name that is too long")) == 0);
    CHECK(f.process.title() == "a name that is ");
    const VirtAddr header = f.put(abi::CapabilityHeader{.version = 1});
    CHECK(f.call(__NR_capget, header, 0) == 0);
    CHECK(f.get<abi::CapabilityHeader>(header).version == _LINUX_CAPABILITY_VERSION_3);
    CHECK(f.call(__NR_getrandom, header, 4, 8) == -EINVAL);
    CHECK(f.call(__NR_sched_setaffinity, 0, 4, f.put(std::uint32_t{2})) == -EINVAL);
    CHECK(f.call(__NR_sched_getaffinity, 0, 3, header) == -EINVAL);
}

TEST_CASE("times are whole spans or refused", "[abi]") {
    using abi::nanoseconds_of;
    CHECK(nanoseconds_of(abi::Timespec{.seconds = 1, .nanoseconds = 5}) == 1'000'000'005U);
    CHECK(nanoseconds_of(abi::Timespec{.seconds = -1}).error() == Error::invalid_argument);
    CHECK(nanoseconds_of(abi::Timespec{.nanoseconds = 1'000'000'000}).error() == Error::invalid_argument);
    CHECK(nanoseconds_of(abi::Timespec64{.seconds = INT64_MAX}) == abi::longest_time);
    CHECK(abi::time_of<abi::Timeval>(2'000'003'000).microseconds == 3);
    CallsFixture f;
    CHECK(f.call(__NR_nanosleep, f.put(abi::Timespec{.nanoseconds = -1}), 0) == -EINVAL);
    CHECK(f.call(__NR_clock_gettime, 77, f.next(8)) == -EINVAL);
    const VirtAddr time = f.next(sizeof(abi::Timespec64));
    CHECK(f.call(__NR_clock_settime64, CLOCK_REALTIME, f.put(abi::Timespec64{.seconds = 0x100000000})) == 0);
    CHECK(f.call(__NR_clock_gettime64, CLOCK_REALTIME, time) == 0);
    CHECK(f.get<abi::Timespec64>(time).seconds == 0x100000000);
    CHECK(f.call(__NR_clock_settime64, CLOCK_MONOTONIC, time) == -EINVAL);
    CHECK(f.call(__NR_alarm, 100) == 0);
    const VirtAddr timer = f.next(sizeof(abi::IntervalTimer));
    CHECK(f.call(__NR_getitimer, ITIMER_REAL, timer) == 0);
    CHECK(f.get<abi::IntervalTimer>(timer).left.seconds == 99);
    CHECK(f.call(__NR_alarm, 0) == 100);
    CHECK(f.call(__NR_setitimer, 3, timer, 0) == -EINVAL);
}

TEST_CASE("futexes compare before they wait, and know shared words by their page", "[abi]") {
    CallsFixture f;
    const VirtAddr word = f.put(std::uint32_t{5});
    CHECK(f.call(__NR_futex, word, FUTEX_WAIT, 4, 0) == -EAGAIN);
    CHECK(f.call(__NR_futex, word + 1, FUTEX_WAIT, 5, 0) == -EINVAL);
    CHECK(f.call(__NR_futex, 0x10, FUTEX_WAIT, 5, 0) == -EFAULT);
    CHECK(f.call(__NR_futex, 0x60000000, FUTEX_WAIT_PRIVATE, 5, 0) == -EFAULT);
    CHECK(f.call(__NR_futex, word, FUTEX_WAKE, 1) == 0);
    CHECK(f.call(__NR_futex, word, FUTEX_WAKE_BITSET, 1, 0, 0, 0) == -EINVAL);
    CHECK(f.call(__NR_futex, word, FUTEX_LOCK_PI, 0, 0) == -ENOSYS);
    CHECK(f.call(__NR_futex, word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1) == -ENOSYS);
    CHECK(f.call(__NR_futex, word, FUTEX_CMP_REQUEUE, 1, 1, word, 6) == -EAGAIN);
    CHECK(f.call(__NR_futex, word, FUTEX_CMP_REQUEUE, 1, 1, word, 5) == 0);
    CHECK(f.call(__NR_futex, word, FUTEX_REQUEUE, -1, 1, word) == -EINVAL);
    // The second word plus 3, compared with 5 before.
    const std::uint32_t add_3 = FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5);
    CHECK(f.call(__NR_futex, word, FUTEX_WAKE_OP, 1, 1, word, add_3) == 0);
    CHECK(f.get<std::uint32_t>(word) == 8);

    AddressSpace& space = *f.process.space;
    const VirtAddr shared =
        space.map({.hint = Page(0), .pages = 2, .access = {.read = true, .write = true}, .shared = true})
            .value()
            .start();
    AddressSpace* const other = space.clone().value();
    CHECK(futex_key(space, shared + 4, false) == futex_key(*other, shared + 4, false));
    CHECK_FALSE(futex_key(space, shared + 4, false) == futex_key(space, shared + page_size + 4, false));
    CHECK_FALSE(futex_key(space, shared, true) == futex_key(*other, shared, true));
    CHECK_FALSE(futex_key(space, word, false) == futex_key(*other, word, false));
    other->release();
}

TEST_CASE("thread segments are checked, numbered and told", "[abi]") {
    CallsFixture f;
    using abi::SegmentDescriptor;
    const SegmentDescriptor wanted{.number = ~0U,
                                   .base = 0x1000,
                                   .limit = 0xFFFFF,
                                   .flags = SegmentDescriptor::is_32_bit | SegmentDescriptor::limit_in_pages |
                                            SegmentDescriptor::useable};
    const VirtAddr place = f.put(wanted);
    CHECK(f.call(__NR_set_thread_area, place) == 0);
    CHECK(f.get<std::uint32_t>(place) == 6);
    CHECK(f.call(__NR_get_thread_area, place) == 0);
    CHECK(f.get<SegmentDescriptor>(place).base == 0x1000);
    CHECK(f.get<SegmentDescriptor>(place).flags == wanted.flags);
    SegmentDescriptor code = wanted;
    code.flags |= 2U << SegmentDescriptor::contents_shift;
    CHECK(f.call(__NR_set_thread_area, f.put(code)) == -EINVAL);
    SegmentDescriptor beyond = wanted;
    beyond.number = 9;
    CHECK(f.call(__NR_set_thread_area, f.put(beyond)) == -EINVAL);
    CHECK(f.call(__NR_set_thread_area, f.put(wanted)) == 0);
    CHECK(f.call(__NR_set_thread_area, f.put(wanted)) == 0);
    CHECK(f.call(__NR_set_thread_area, f.put(wanted)) == -ESRCH); // all three are taken
}

} // namespace
} // namespace quire
