// Linux's numbers, flags and structures, from Linux's own headers for programs (UAPI; Debian: linux-libc-dev). Types
// land in quire::uapi, so that they meet neither the C library's of the same names, where the kernel is compiled for a
// host, nor the kernel's own. Include this in .cpp files of kernel/abi only: the macros know no
// namespace. Beside a C library's headers it has to come after them.
//
// Where the host is x86-64, the numbers are those of i386 (asm/unistd_32.h) and flags are the same, but structures that
// hold a `long` are not: nothing here reads or writes those. What programs pass is described in structures.h, which the
// kernel's own build compares with these. Some members of Linux's structures are macros (sa_handler, si_pid, …): no
// member of ours has such a name.
#pragma once

namespace quire::uapi {

// clang-format off: in an order in which they build on each other
#include <asm/ioctls.h>
#include <asm/ldt.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <asm/unistd_32.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/limits.h>
#include <linux/membarrier.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/personality.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/random.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/stat.h>
#include <linux/sysinfo.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <linux/times.h>
#include <linux/types.h>
#include <linux/uio.h>
#include <linux/utsname.h>
#include <linux/wait.h>
// clang-format on

} // namespace quire::uapi

// Not there for a program of 64 bits.
#ifndef F_GETLK64
#define F_GETLK64 12
#define F_SETLK64 13
#define F_SETLKW64 14
#endif
