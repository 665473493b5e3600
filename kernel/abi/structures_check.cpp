// Compares every structure that programs pass with Linux's own: the size, and where members lie. Only in the kernel's
// own build: where a host is x86-64, its headers describe other structures. It becomes no code.
#include "kernel/abi/structures.h"
#include "kernel/abi/uapi.h"

namespace quire::abi {

static_assert(sizeof(void*) == 4, "compiled for i386 only");

template <class Ours, class Theirs> constexpr bool same_layout = sizeof(Ours) == sizeof(Theirs);

#define QUIRE_SAME_PLACE(ours, member, theirs, their_member)                                                           \
    static_assert(offsetof(ours, member) == offsetof(theirs, their_member))

static_assert(same_layout<Timespec, uapi::timespec>);
static_assert(same_layout<Timespec, uapi::__kernel_old_timespec>);
static_assert(same_layout<Timespec64, uapi::__kernel_timespec>);
QUIRE_SAME_PLACE(Timespec64, nanoseconds, uapi::__kernel_timespec, tv_nsec);
static_assert(same_layout<Timeval, uapi::timeval>);
static_assert(same_layout<TimeZone, uapi::timezone>);
static_assert(same_layout<IntervalTimer, uapi::itimerval>);
QUIRE_SAME_PLACE(IntervalTimer, left, uapi::itimerval, it_value);
static_assert(same_layout<ProcessClocks, uapi::tms>);

// <asm/stat.h> names members st_atime and the like, which are macros nowhere in UAPI.
static_assert(same_layout<Stat, uapi::stat>);
QUIRE_SAME_PLACE(Stat, device_id, uapi::stat, st_rdev);
QUIRE_SAME_PLACE(Stat, changed_nanoseconds, uapi::stat, st_ctime_nsec);
static_assert(same_layout<Stat64, uapi::stat64>);
QUIRE_SAME_PLACE(Stat64, inode_low, uapi::stat64, __st_ino);
QUIRE_SAME_PLACE(Stat64, device_id, uapi::stat64, st_rdev);
QUIRE_SAME_PLACE(Stat64, size, uapi::stat64, st_size);
QUIRE_SAME_PLACE(Stat64, blocks, uapi::stat64, st_blocks);
QUIRE_SAME_PLACE(Stat64, inode, uapi::stat64, st_ino);
static_assert(same_layout<OldStat, uapi::__old_kernel_stat>);
QUIRE_SAME_PLACE(OldStat, size, uapi::__old_kernel_stat, st_size);
static_assert(same_layout<Statx, uapi::statx>);
QUIRE_SAME_PLACE(Statx, mode, uapi::statx, stx_mode);
QUIRE_SAME_PLACE(Statx, inode, uapi::statx, stx_ino);
QUIRE_SAME_PLACE(Statx, accessed, uapi::statx, stx_atime);
QUIRE_SAME_PLACE(Statx, device_minor, uapi::statx, stx_dev_minor);
static_assert(same_layout<Statfs, uapi::statfs>);
QUIRE_SAME_PLACE(Statfs, longest_name, uapi::statfs, f_namelen);
static_assert(same_layout<Statfs64, uapi::statfs64>);
QUIRE_SAME_PLACE(Statfs64, id, uapi::statfs64, f_fsid);
QUIRE_SAME_PLACE(Statfs64, flags, uapi::statfs64, f_flags);
static_assert(same_layout<PollDescriptor, uapi::pollfd>);
QUIRE_SAME_PLACE(PollDescriptor, returned, uapi::pollfd, revents);
static_assert(same_layout<FileLock, uapi::flock>);
QUIRE_SAME_PLACE(FileLock, process, uapi::flock, l_pid);
static_assert(same_layout<FileLock64, uapi::flock64>);
QUIRE_SAME_PLACE(FileLock64, start, uapi::flock64, l_start);
static_assert(same_layout<OpenHow, uapi::open_how>);

static_assert(same_layout<Limit32, uapi::rlimit>);
static_assert(same_layout<Limit64, uapi::rlimit64>);
static_assert(same_layout<Usage, uapi::rusage>);
QUIRE_SAME_PLACE(Usage, peak_resident, uapi::rusage, ru_maxrss);
QUIRE_SAME_PLACE(Usage, minor_faults, uapi::rusage, ru_minflt);
QUIRE_SAME_PLACE(Usage, voluntary_switches, uapi::rusage, ru_nvcsw);
static_assert(same_layout<SystemInformation, uapi::sysinfo>);
QUIRE_SAME_PLACE(SystemInformation, processes, uapi::sysinfo, procs);
QUIRE_SAME_PLACE(SystemInformation, unit, uapi::sysinfo, mem_unit);
static_assert(same_layout<SystemName, uapi::new_utsname>);
static_assert(same_layout<OldSystemName, uapi::old_utsname>);
static_assert(same_layout<OldestSystemName, uapi::oldold_utsname>);
static_assert(same_layout<SegmentDescriptor, uapi::user_desc>);
static_assert(same_layout<CapabilityHeader, uapi::__user_cap_header_struct>);
static_assert(same_layout<CapabilityWord, uapi::__user_cap_data_struct>);
static_assert(same_layout<RobustListHead, uapi::robust_list_head>);

static_assert(same_layout<NewSignalAction, uapi::sigaction> == false,
              "the C library's struct in <asm/signal.h> has the old mask of 32 bits");
static_assert(same_layout<OldSignalAction, uapi::sigaction>);
QUIRE_SAME_PLACE(OldSignalAction, flags, uapi::sigaction, sa_flags);
static_assert(sizeof(NewSignalAction) == sizeof(OldSignalAction) + 4);
static_assert(same_layout<SignalStack, uapi::stack_t>);
QUIRE_SAME_PLACE(SignalStack, size, uapi::stack_t, ss_size);
static_assert(same_layout<SignalDetails, uapi::siginfo_t>);
QUIRE_SAME_PLACE(SignalDetails, code, uapi::siginfo_t, si_code);
QUIRE_SAME_PLACE(SignalDetails, fields, uapi::siginfo_t, si_addr);

#undef QUIRE_SAME_PLACE

} // namespace quire::abi
