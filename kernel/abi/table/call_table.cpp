// The table of system calls. See call_table.h.
#include "kernel/abi/table/call_table.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/files/descriptor_calls.h"
#include "kernel/abi/files/file_access.h"
#include "kernel/abi/files/path_argument.h"
#include "kernel/abi/files/path_calls.h"
#include "kernel/abi/files/poll_calls.h"
#include "kernel/abi/files/stat_calls.h"
#include "kernel/abi/files/transfer_calls.h"
#include "kernel/abi/memory/memory_calls.h"
#include "kernel/abi/process/futex_calls.h"
#include "kernel/abi/process/identity_calls.h"
#include "kernel/abi/process/process_calls.h"
#include "kernel/abi/process/swap_calls.h"
#include "kernel/abi/signals/signal_calls.h"
#include "kernel/abi/system_calls.h"
#include "kernel/abi/time/time_calls.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"

namespace quire::abi {

namespace {

// ---- Calls that are always refused

// What programs try, and do without where a kernel is too old for it.
std::int32_t without_system_call(Process& /*process*/) {
    return -ENOSYS;
}
// No file has extended attributes; but which file is meant is looked at first.
std::int32_t without_attributes(const Result<Ref<Inode>>& file) {
    return file ? -EOPNOTSUPP : -errno_of(file.error());
}
std::int32_t attributes_of_path(Process& process, UserText path) {
    return without_attributes(find_file(process, working_directory_descriptor, path));
}
std::int32_t attributes_of_link(Process& process, UserText path) {
    return without_attributes(find_file(process, working_directory_descriptor, path, Namespace::LastLink::keep));
}
std::int32_t attributes_of_descriptor(Process& process, Descriptor descriptor) {
    return open_file_at(process, descriptor) ? -EOPNOTSUPP : -EBADF;
}
// There is no network, not even within the machine: no socket is made, and no file is one.
std::int32_t without_network(Process& /*process*/) {
    return -EAFNOSUPPORT;
}
std::int32_t not_a_socket(Process& process, Descriptor descriptor) {
    return process.files->find(static_cast<std::uint32_t>(descriptor)) != nullptr ? -ENOTSOCK : -EBADF;
}
// All of them in one, their arguments in memory.
std::int32_t any_socket_call(Process& process, std::uint32_t call, UserPointer<std::uint32_t> arguments) {
    constexpr std::uint32_t make = 1, make_pair = 8, last = 20; // UAPI <linux/net.h>: SYS_SOCKET, SYS_SOCKETPAIR
    if (call < make || call > last) {
        return -EINVAL;
    }
    const auto first = read_value(arguments);
    if (!first) {
        return -EFAULT;
    }
    return call == make || call == make_pair ? -EAFNOSUPPORT
                                             : not_a_socket(process, Descriptor{static_cast<std::int32_t>(*first)});
}

// ---- The table

struct Row {
    std::uint32_t number;
    Support support;
    Entry entry;
};

#define QUIRE_SERVED(call, function)                                                                                   \
    Row {                                                                                                              \
        __NR_##call, Support::served, entry<&(function)>()                                                             \
    }
#define QUIRE_REFUSED(call, function)                                                                                  \
    Row {                                                                                                              \
        __NR_##call, Support::refused, entry<&(function)>()                                                            \
    }

constexpr auto rows = std::to_array<Row>({
    QUIRE_SERVED(restart_syscall, restart_call),
    QUIRE_SERVED(exit, exit),
    QUIRE_SERVED(fork, fork),
    QUIRE_SERVED(read, read_file),
    QUIRE_SERVED(write, write_file),
    QUIRE_SERVED(open, open_path),
    QUIRE_SERVED(close, close_descriptor),
    QUIRE_SERVED(waitpid, wait_for_old),
    QUIRE_SERVED(creat, create_file),
    QUIRE_SERVED(link, make_link),
    QUIRE_SERVED(unlink, remove_file),
    QUIRE_SERVED(execve, execute),
    QUIRE_SERVED(chdir, change_directory),
    QUIRE_SERVED(time, seconds),
    QUIRE_SERVED(mknod, make_node),
    QUIRE_SERVED(chmod, set_mode),
    QUIRE_SERVED(lchown, set_link_owner_16),
    QUIRE_SERVED(oldstat, status_oldest),
    QUIRE_SERVED(lseek, seek),
    QUIRE_SERVED(getpid, process_id),
    QUIRE_SERVED(setuid, become_user),
    QUIRE_SERVED(getuid, user_zero),
    QUIRE_SERVED(stime, set_seconds),
    QUIRE_SERVED(alarm, set_alarm),
    QUIRE_SERVED(oldfstat, descriptor_status_oldest),
    QUIRE_SERVED(pause, pause),
    QUIRE_SERVED(utime, set_times_seconds),
    QUIRE_SERVED(access, check_access),
    QUIRE_SERVED(nice, add_nice),
    QUIRE_SERVED(sync, sync_all),
    QUIRE_SERVED(kill, send_signal_to),
    QUIRE_SERVED(rename, rename_path),
    QUIRE_SERVED(mkdir, make_directory),
    QUIRE_SERVED(rmdir, remove_directory),
    QUIRE_SERVED(dup, duplicate),
    QUIRE_SERVED(pipe, make_pipe),
    QUIRE_SERVED(times, get_clocks),
    QUIRE_SERVED(brk, set_break),
    QUIRE_SERVED(setgid, become_user),
    QUIRE_SERVED(getgid, user_zero),
    QUIRE_SERVED(signal, set_handler),
    QUIRE_SERVED(geteuid, user_zero),
    QUIRE_SERVED(getegid, user_zero),
    QUIRE_SERVED(ioctl, control_device),
    QUIRE_SERVED(fcntl, control_descriptor),
    QUIRE_SERVED(setpgid, set_group),
    QUIRE_SERVED(oldolduname, system_name_oldest),
    QUIRE_SERVED(umask, set_umask),
    QUIRE_SERVED(dup2, duplicate_to),
    QUIRE_SERVED(getppid, parent_id),
    QUIRE_SERVED(getpgrp, own_group),
    QUIRE_SERVED(setsid, begin_session),
    QUIRE_SERVED(sigaction, set_action_old),
    QUIRE_SERVED(sgetmask, get_mask_oldest),
    QUIRE_SERVED(ssetmask, set_mask_oldest),
    QUIRE_SERVED(setreuid, become_users),
    QUIRE_SERVED(setregid, become_users),
    QUIRE_SERVED(sigsuspend, suspend_old),
    QUIRE_SERVED(sigpending, pending_signals_old),
    QUIRE_SERVED(setrlimit, set_limit),
    QUIRE_SERVED(getrlimit, get_limit_old),
    QUIRE_SERVED(getrusage, get_usage),
    QUIRE_SERVED(gettimeofday, get_time_of_day),
    QUIRE_SERVED(settimeofday, set_time_of_day),
    QUIRE_SERVED(getgroups, more_groups),
    QUIRE_SERVED(setgroups, set_more_groups),
    QUIRE_SERVED(select, select_old),
    QUIRE_SERVED(symlink, make_symbolic_link),
    QUIRE_SERVED(oldlstat, link_status_oldest),
    QUIRE_SERVED(readlink, read_symbolic_link),
    QUIRE_SERVED(mmap, map_memory_old),
    QUIRE_SERVED(munmap, unmap_memory),
    QUIRE_SERVED(truncate, truncate_path),
    QUIRE_SERVED(ftruncate, truncate_file),
    QUIRE_SERVED(fchmod, set_descriptor_mode),
    QUIRE_SERVED(fchown, set_descriptor_owner_16),
    QUIRE_SERVED(getpriority, get_priority),
    QUIRE_SERVED(setpriority, set_priority),
    QUIRE_SERVED(statfs, system_status),
    QUIRE_SERVED(fstatfs, descriptor_system_status),
    QUIRE_SERVED(setitimer, set_interval_timer),
    QUIRE_SERVED(getitimer, get_interval_timer),
    QUIRE_SERVED(stat, status),
    QUIRE_SERVED(lstat, link_status),
    QUIRE_SERVED(fstat, descriptor_status),
    QUIRE_SERVED(olduname, system_name_old),
    QUIRE_SERVED(wait4, wait_for),
    QUIRE_SERVED(sysinfo, system_information),
    QUIRE_SERVED(swapon, swap_on),
    QUIRE_SERVED(swapoff, swap_off),
    QUIRE_SERVED(fsync, sync_file),
    QUIRE_SERVED(sigreturn, return_from_handler),
    QUIRE_SERVED(clone, clone),
    QUIRE_SERVED(unshare, unshare),
    QUIRE_SERVED(uname, system_name),
    QUIRE_SERVED(mprotect, protect_memory),
    QUIRE_SERVED(sigprocmask, change_mask_old),
    QUIRE_SERVED(getpgid, group_of),
    QUIRE_SERVED(fchdir, change_directory_to),
    QUIRE_SERVED(personality, set_personality),
    QUIRE_SERVED(setfsuid, user_zero),
    QUIRE_SERVED(setfsgid, user_zero),
    QUIRE_SERVED(_llseek, seek_64),
    QUIRE_SERVED(getdents, list_directory),
    QUIRE_SERVED(_newselect, select),
    QUIRE_SERVED(flock, lock_file),
    QUIRE_SERVED(msync, sync_memory),
    QUIRE_SERVED(readv, read_pieces),
    QUIRE_SERVED(writev, write_pieces),
    QUIRE_SERVED(getsid, session_of),
    QUIRE_SERVED(fdatasync, sync_file),
    QUIRE_SERVED(mlock, lock_memory),
    QUIRE_SERVED(munlock, unlock_memory),
    QUIRE_SERVED(mlockall, lock_all_memory),
    QUIRE_SERVED(munlockall, unlock_all_memory),
    QUIRE_SERVED(sched_setparam, set_parameters),
    QUIRE_SERVED(sched_getparam, get_parameters),
    QUIRE_SERVED(sched_setscheduler, set_scheduler),
    QUIRE_SERVED(sched_getscheduler, get_scheduler),
    QUIRE_SERVED(sched_yield, yield_processor),
    QUIRE_SERVED(sched_get_priority_max, highest_priority),
    QUIRE_SERVED(sched_get_priority_min, lowest_priority),
    QUIRE_SERVED(sched_rr_get_interval, time_slice),
    QUIRE_SERVED(nanosleep, sleep),
    QUIRE_SERVED(mremap, remap_memory),
    QUIRE_SERVED(setresuid, become_three_users),
    QUIRE_SERVED(getresuid, three_users_16),
    QUIRE_SERVED(poll, poll),
    QUIRE_SERVED(setresgid, become_three_users),
    QUIRE_SERVED(getresgid, three_users_16),
    QUIRE_SERVED(prctl, control_process),
    QUIRE_SERVED(rt_sigreturn, return_from_handler_with_information),
    QUIRE_SERVED(rt_sigaction, set_action),
    QUIRE_SERVED(rt_sigprocmask, change_mask),
    QUIRE_SERVED(rt_sigpending, pending_signals),
    QUIRE_SERVED(rt_sigtimedwait, wait_for_signal),
    QUIRE_SERVED(rt_sigqueueinfo, queue_signal),
    QUIRE_SERVED(rt_sigsuspend, suspend),
    QUIRE_SERVED(pread64, read_file_at),
    QUIRE_SERVED(pwrite64, write_file_at),
    QUIRE_SERVED(chown, set_owner_16),
    QUIRE_SERVED(getcwd, working_directory),
    QUIRE_SERVED(capget, capabilities),
    QUIRE_SERVED(capset, set_capabilities),
    QUIRE_SERVED(sigaltstack, set_alternate_stack),
    QUIRE_SERVED(sendfile, send_file),
    QUIRE_SERVED(vfork, fork_lending_memory),
    QUIRE_SERVED(ugetrlimit, get_limit),
    QUIRE_SERVED(mmap2, map_memory),
    QUIRE_SERVED(truncate64, truncate_path_64),
    QUIRE_SERVED(ftruncate64, truncate_file_64),
    QUIRE_SERVED(stat64, status_64),
    QUIRE_SERVED(lstat64, link_status_64),
    QUIRE_SERVED(fstat64, descriptor_status_64),
    QUIRE_SERVED(lchown32, set_link_owner),
    QUIRE_SERVED(getuid32, user_zero),
    QUIRE_SERVED(getgid32, user_zero),
    QUIRE_SERVED(geteuid32, user_zero),
    QUIRE_SERVED(getegid32, user_zero),
    QUIRE_SERVED(setreuid32, become_users),
    QUIRE_SERVED(setregid32, become_users),
    QUIRE_SERVED(getgroups32, more_groups),
    QUIRE_SERVED(setgroups32, set_more_groups),
    QUIRE_SERVED(fchown32, set_descriptor_owner),
    QUIRE_SERVED(setresuid32, become_three_users),
    QUIRE_SERVED(getresuid32, three_users),
    QUIRE_SERVED(setresgid32, become_three_users),
    QUIRE_SERVED(getresgid32, three_users),
    QUIRE_SERVED(chown32, set_owner),
    QUIRE_SERVED(setuid32, become_user),
    QUIRE_SERVED(setgid32, become_user),
    QUIRE_SERVED(setfsuid32, user_zero),
    QUIRE_SERVED(setfsgid32, user_zero),
    QUIRE_SERVED(mincore, memory_residency),
    QUIRE_SERVED(madvise, advise_memory),
    QUIRE_SERVED(getdents64, list_directory_64),
    QUIRE_SERVED(fcntl64, control_descriptor_64),
    QUIRE_SERVED(gettid, process_id),
    QUIRE_SERVED(readahead, read_ahead),
    QUIRE_SERVED(tkill, send_signal_to_thread),
    QUIRE_SERVED(sendfile64, send_file_64),
    QUIRE_SERVED(futex, futex),
    QUIRE_SERVED(sched_setaffinity, set_affinity),
    QUIRE_SERVED(sched_getaffinity, get_affinity),
    QUIRE_SERVED(set_thread_area, set_thread_area),
    QUIRE_SERVED(get_thread_area, get_thread_area),
    QUIRE_SERVED(fadvise64, advise_file),
    QUIRE_SERVED(exit_group, exit),
    QUIRE_SERVED(remap_file_pages, show_file_pages),
    QUIRE_SERVED(set_tid_address, set_thread_word),
    QUIRE_SERVED(clock_settime, set_clock),
    QUIRE_SERVED(clock_gettime, get_clock),
    QUIRE_SERVED(clock_getres, clock_resolution),
    QUIRE_SERVED(clock_nanosleep, sleep_by_clock),
    QUIRE_SERVED(statfs64, system_status_64),
    QUIRE_SERVED(fstatfs64, descriptor_system_status_64),
    QUIRE_SERVED(tgkill, send_signal_in_group),
    QUIRE_SERVED(utimes, set_times_microseconds),
    QUIRE_SERVED(fadvise64_64, advise_file_64),
    QUIRE_SERVED(waitid, wait_for_id),
    QUIRE_SERVED(openat, open_path_at),
    QUIRE_SERVED(mkdirat, make_directory_at),
    QUIRE_SERVED(mknodat, make_node_at),
    QUIRE_SERVED(fchownat, set_owner_at),
    QUIRE_SERVED(futimesat, set_times_microseconds_at),
    QUIRE_SERVED(fstatat64, status_at),
    QUIRE_SERVED(unlinkat, remove_at),
    QUIRE_SERVED(renameat, rename_path_at),
    QUIRE_SERVED(linkat, make_link_at),
    QUIRE_SERVED(symlinkat, make_symbolic_link_at),
    QUIRE_SERVED(readlinkat, read_symbolic_link_at),
    QUIRE_SERVED(fchmodat, set_mode_at),
    QUIRE_SERVED(faccessat, check_access_at),
    QUIRE_SERVED(pselect6, select_with_mask),
    QUIRE_SERVED(ppoll, poll_with_mask),
    QUIRE_SERVED(sync_file_range, sync_file_part),
    QUIRE_SERVED(getcpu, get_processor),
    QUIRE_SERVED(utimensat, set_times_at),
    QUIRE_SERVED(fallocate, allocate_file),
    QUIRE_SERVED(dup3, duplicate_to_with_flags),
    QUIRE_SERVED(pipe2, make_pipe_with_flags),
    QUIRE_SERVED(preadv, read_pieces_at),
    QUIRE_SERVED(pwritev, write_pieces_at),
    QUIRE_SERVED(rt_tgsigqueueinfo, queue_signal_in_group),
    QUIRE_SERVED(prlimit64, change_limit),
    QUIRE_SERVED(syncfs, sync_file_system),
    QUIRE_SERVED(renameat2, rename_path_with_flags),
    QUIRE_SERVED(getrandom, random_bytes),
    QUIRE_SERVED(memfd_create, make_memory_file),
    QUIRE_SERVED(execveat, execute_at),
    QUIRE_SERVED(membarrier, memory_barrier),
    QUIRE_SERVED(mlock2, lock_memory_with_flags),
    QUIRE_SERVED(copy_file_range, copy_file_range),
    QUIRE_SERVED(preadv2, read_pieces_with_flags),
    QUIRE_SERVED(pwritev2, write_pieces_with_flags),
    QUIRE_SERVED(pkey_mprotect, protect_memory_with_key),
    QUIRE_SERVED(statx, status_extended),
    QUIRE_SERVED(clock_gettime64, get_clock_64),
    QUIRE_SERVED(clock_settime64, set_clock_64),
    QUIRE_SERVED(clock_getres_time64, clock_resolution_64),
    QUIRE_SERVED(clock_nanosleep_time64, sleep_by_clock_64),
    QUIRE_SERVED(utimensat_time64, set_times_at_64),
    QUIRE_SERVED(pselect6_time64, select_with_mask_64),
    QUIRE_SERVED(ppoll_time64, poll_with_mask_64),
    QUIRE_SERVED(rt_sigtimedwait_time64, wait_for_signal_64),
    QUIRE_SERVED(futex_time64, futex_64),
    QUIRE_SERVED(sched_rr_get_interval_time64, time_slice_64),
    QUIRE_SERVED(close_range, close_descriptors),
    QUIRE_SERVED(openat2, open_path_how),
    QUIRE_SERVED(faccessat2, check_access_with_flags),

    QUIRE_REFUSED(socketcall, any_socket_call),
    QUIRE_REFUSED(modify_ldt, without_system_call),
    QUIRE_REFUSED(setxattr, attributes_of_path),
    QUIRE_REFUSED(lsetxattr, attributes_of_link),
    QUIRE_REFUSED(fsetxattr, attributes_of_descriptor),
    QUIRE_REFUSED(getxattr, attributes_of_path),
    QUIRE_REFUSED(lgetxattr, attributes_of_link),
    QUIRE_REFUSED(fgetxattr, attributes_of_descriptor),
    QUIRE_REFUSED(listxattr, attributes_of_path),
    QUIRE_REFUSED(llistxattr, attributes_of_link),
    QUIRE_REFUSED(flistxattr, attributes_of_descriptor),
    QUIRE_REFUSED(removexattr, attributes_of_path),
    QUIRE_REFUSED(lremovexattr, attributes_of_link),
    QUIRE_REFUSED(fremovexattr, attributes_of_descriptor),
    QUIRE_REFUSED(set_robust_list, without_system_call),
    QUIRE_REFUSED(get_robust_list, without_system_call),
    QUIRE_REFUSED(recvmmsg, not_a_socket),
    QUIRE_REFUSED(sendmmsg, not_a_socket),
    QUIRE_REFUSED(socket, without_network),
    QUIRE_REFUSED(socketpair, without_network),
    QUIRE_REFUSED(bind, not_a_socket),
    QUIRE_REFUSED(connect, not_a_socket),
    QUIRE_REFUSED(listen, not_a_socket),
    QUIRE_REFUSED(accept4, not_a_socket),
    QUIRE_REFUSED(getsockopt, not_a_socket),
    QUIRE_REFUSED(setsockopt, not_a_socket),
    QUIRE_REFUSED(getsockname, not_a_socket),
    QUIRE_REFUSED(getpeername, not_a_socket),
    QUIRE_REFUSED(sendto, not_a_socket),
    QUIRE_REFUSED(sendmsg, not_a_socket),
    QUIRE_REFUSED(recvfrom, not_a_socket),
    QUIRE_REFUSED(recvmsg, not_a_socket),
    QUIRE_REFUSED(shutdown, not_a_socket),
    QUIRE_REFUSED(arch_prctl, without_system_call),
    QUIRE_REFUSED(rseq, without_system_call),
    QUIRE_REFUSED(recvmmsg_time64, not_a_socket),
    QUIRE_REFUSED(clone3, without_system_call),
});

#undef QUIRE_SERVED
#undef QUIRE_REFUSED

constexpr auto descriptions = [] {
    std::array<CallDescription, call_count> by_number{};
    for (const Row& row : rows) {
        by_number[row.number] = {.support = row.support, .arguments = row.entry.kinds};
    }
    return by_number;
}();

} // namespace

namespace {

consteval std::array<SystemCall, call_count> functions_by_number() {
    std::array<SystemCall, call_count> by_number{};
    by_number.fill(&refuse_unknown);
    for (const Row& row : rows) {
        by_number[row.number] = row.entry.call;
    }
    return by_number;
}

} // namespace

constinit const std::array<SystemCall, call_count> call_functions = functions_by_number();

CallDescription describe_call(std::uint32_t number) {
    return number < call_count ? descriptions[number] : CallDescription{};
}

} // namespace quire::abi
