/* Random system calls with hostile arguments, in trees of processes. A worker knows what kind of argument a call wants,
   mostly gives one of that kind, and often one that is almost right: at the edge of a mapping, just released, in the
   kernel, huge, negative. Calls that change files know only names of the fuzzer's own. */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page = 4096, area_pages = 64, most_depth = 3 };

/* What an argument is: a number of one of these kinds. */
enum Kind {
    NONE,
    FD,     /* a descriptor, not one of the first three */
    OLD,    /* memory the program has, or nearly */
    START,  /* the start of a page */
    SIZE,   /* bytes */
    PROT,   /* PROT_ bits */
    MAPS,   /* MAP_ flags */
    SMALL,  /* 0 to 31 */
    FLAGS,  /* any few bits */
    ANY,    /* any word */
    NAME,   /* a path that may be read */
    OWN,    /* a path of the fuzzer's own */
    SIGNAL, /* a signal, not one that would end the fuzzer's patience */
    SELF,   /* this process */
    OFFSET, /* within a file */
    SHORT   /* a time that is over soon */
};

static const struct Call {
    short number;
    unsigned char kinds[6];
} calls[] = {
    {SYS_read, {FD, OLD, SIZE}},
    {SYS_write, {FD, OLD, SIZE}},
    {SYS_open, {NAME, FLAGS, FLAGS}},
    {SYS_open, {OWN, FLAGS, FLAGS}},
    {SYS_creat, {OWN, FLAGS}},
    {SYS_close, {FD}},
    {SYS_unlink, {OWN}},
    {SYS_chdir, {NAME}},
    {SYS_chmod, {OWN, FLAGS}},
    {SYS_lseek, {FD, OFFSET, SMALL}},
    {SYS_getpid, {NONE}},
    {SYS_access, {NAME, SMALL}},
    {SYS_mkdir, {OWN, FLAGS}},
    {SYS_rmdir, {OWN}},
    {SYS_dup, {FD}},
    {SYS_pipe, {OLD}},
    {SYS_times, {OLD}},
    {SYS_brk, {START}},
    {SYS_ioctl, {FD, ANY, OLD}},
    {SYS_fcntl64, {FD, SMALL, SMALL}},
    {SYS_umask, {FLAGS}},
    {SYS_dup2, {FD, FD}},
    {SYS_getrusage, {SMALL, OLD}},
    {SYS_gettimeofday, {OLD, OLD}},
    {SYS_mmap, {OLD}},
    {SYS_mmap2, {START, SIZE, PROT, MAPS, FD, SMALL}},
    {SYS_mmap2, {START, SIZE, PROT, MAPS, FD, SMALL}},
    {SYS_munmap, {START, SIZE}},
    {SYS_munmap, {START, SIZE}},
    {SYS_mprotect, {START, SIZE, PROT}},
    {SYS_mprotect, {START, SIZE, PROT}},
    {SYS_mremap, {START, SIZE, SIZE, SMALL, START}},
    {SYS_mremap, {START, SIZE, SIZE, SMALL, START}},
    {SYS_madvise, {START, SIZE, SMALL}},
    {SYS_madvise, {START, SIZE, SMALL}},
    {SYS_mincore, {START, SIZE, OLD}},
    {SYS_msync, {START, SIZE, SMALL}},
    {SYS_mlock, {START, SIZE}},
    {SYS_munlock, {START, SIZE}},
    {SYS_mlock2, {START, SIZE, SMALL}},
    {SYS_munlockall, {NONE}},
    {SYS_ftruncate, {FD, OFFSET}},
    {SYS_fallocate, {FD, SMALL, OFFSET, NONE, SIZE, NONE}},
    {SYS_fstatfs, {FD, OLD}},
    {SYS_statfs, {NAME, OLD}},
    {SYS_stat64, {NAME, OLD}},
    {SYS_fstat64, {FD, OLD}},
    {SYS_lstat64, {NAME, OLD}},
    {SYS_statx, {FD, NAME, FLAGS, FLAGS, OLD}},
    {SYS_uname, {OLD}},
    {SYS__llseek, {FD, SMALL, OFFSET, OLD, SMALL}},
    {SYS_getdents64, {FD, OLD, SIZE}},
    {SYS_readv, {FD, OLD, SMALL}},
    {SYS_writev, {FD, OLD, SMALL}},
    {SYS_pread64, {FD, OLD, SIZE, OFFSET, NONE}},
    {SYS_pwrite64, {FD, OLD, SIZE, OFFSET, NONE}},
    {SYS_getcwd, {OLD, SIZE}},
    {SYS_sigaltstack, {OLD, OLD}},
    {SYS_sendfile64, {FD, FD, OLD, SIZE}},
    {SYS_poll, {OLD, SMALL, SHORT}},
    {SYS_nanosleep, {OLD, OLD}},
    {SYS_rt_sigaction, {SIGNAL, OLD, OLD, SMALL}},
    {SYS_rt_sigprocmask, {SMALL, OLD, OLD, SMALL}},
    {SYS_rt_sigpending, {OLD, SMALL}},
    {SYS_rt_sigtimedwait, {OLD, OLD, OLD, SMALL}},
    {SYS_rt_sigqueueinfo, {SELF, SIGNAL, OLD}},
    {SYS_kill, {SELF, SIGNAL}},
    {SYS_tkill, {SELF, SIGNAL}},
    {SYS_tgkill, {SELF, SELF, SIGNAL}},
    {SYS_getpgid, {SMALL}},
    {SYS_sysinfo, {OLD}},
    {SYS_getitimer, {SMALL, OLD}},
    {SYS_setitimer, {SMALL, OLD, OLD}},
    {SYS_sched_yield, {NONE}},
    {SYS_prlimit64, {SELF, SMALL, NONE, OLD}},
    {SYS_ugetrlimit, {SMALL, OLD}},
    {SYS_set_thread_area, {OLD}},
    {SYS_get_thread_area, {OLD}},
    {SYS_futex, {OLD, SMALL, SMALL, OLD, OLD, SMALL}},
    {SYS_clock_gettime, {SMALL, OLD}},
    {SYS_clock_getres, {SMALL, OLD}},
    {SYS_clock_gettime64, {SMALL, OLD}},
    {SYS_getrandom, {OLD, SIZE, SMALL}},
    {SYS_memfd_create, {NAME, SMALL}},
    {SYS_openat, {FD, OWN, FLAGS, FLAGS}},
    {SYS_unlinkat, {FD, OWN, FLAGS}},
    {SYS_readlink, {NAME, OLD, SIZE}},
    {SYS_symlink, {NAME, OWN}},
    {SYS_rename, {OWN, OWN}},
    {SYS_pipe2, {OLD, FLAGS}},
    {SYS_dup3, {FD, FD, FLAGS}},
    {SYS_fsync, {FD}},
    {SYS_execve, {OLD, OLD, OLD}},
    {SYS_waitpid, {ANY, OLD, SMALL}},
    {SYS_wait4, {ANY, OLD, SMALL, OLD}},
    {SYS_waitid, {SMALL, ANY, OLD, SMALL, OLD}},
};

static char* area; /* where most pointers lead */

static long system_call(long number, const long* a) {
    long result;
    /* The sixth argument goes through EBP, which the compiler keeps for itself. */
    __asm__ volatile("push %%ebp\n\tmov %2, %%ebp\n\tint $0x80\n\tpop %%ebp"
                     : "=a"(result)
                     : "0"(number), "m"(a[5]), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
                     : "memory");
    return result;
}

static uint32_t hostile_word(struct Random* random) {
    static const uint32_t words[] = {0,          1,          2,          0xfff,      0x1000,     0x3fffff,
                                     0x400000,   0x5fffffff, 0x60000000, 0x7fffffff, 0x80000000, 0xbfffffff,
                                     0xc0000000, 0xc0100000, 0xf0000000, 0xff000000, 0xfffff000, 0xffffffff};
    return below(random, 3) == 0 ? next_random(random)
                                 : words[below(random, sizeof words / sizeof *words)] + below(random, 3) - 1;
}

static uint32_t pointer(struct Random* random) {
    switch (below(random, 48)) {
    case 0:
    case 3: return hostile_word(random);
    case 1: return (uint32_t)&random + below(random, 8192) - 4096;                              /* its stack */
    case 2: return (uint32_t)area + page * (1 + below(random, area_pages)) - below(random, 16); /* an edge */
    default: return (uint32_t)area + below(random, area_pages * page);
    }
}

static const char* path(struct Random* random, bool own) {
    static const char* const names[] = {"/tmp/fuzz-a",
                                        "/tmp/fuzz-b",
                                        "/tmp/fuzz-c",
                                        "/tmp/fuzz-d/x",
                                        "/",
                                        "",
                                        "/proc/self/maps",
                                        "/dev/zero",
                                        "/dev/null",
                                        "/proc/self/smaps",
                                        "/tmp",
                                        "/proc/meminfo",
                                        "/proc/self",
                                        "."};
    return names[below(random, own ? 4 : sizeof names / sizeof *names)];
}

static uint32_t argument(struct Random* random, enum Kind kind) {
    if (kind != NONE && kind != SELF && kind != OWN && kind != SIGNAL && kind != FD && below(random, 24) == 0) {
        return hostile_word(random);
    }
    switch (kind) {
    case FD: return below(random, 12) == 0 ? 1000 + below(random, 1000) : 3 + below(random, 20);
    case OLD: return pointer(random);
    case START:
        return below(random, 32) == 0 ? hostile_word(random) & -(uint32_t)page
                                      : (uint32_t)area + page * below(random, area_pages);
    case SIZE: return below(random, 4) == 0 ? below(random, 1 << 20) : page * below(random, 16) + below(random, 2);
    case PROT: return below(random, 8);
    case MAPS:
        return (below(random, 2) != 0 ? MAP_PRIVATE : MAP_SHARED) | (below(random, 4) != 0 ? MAP_ANONYMOUS : 0) |
               (below(random, 2) != 0 ? MAP_FIXED : 0) | (below(random, 8) == 0 ? MAP_GROWSDOWN : 0) |
               (below(random, 8) == 0 ? MAP_POPULATE : 0) | (below(random, 8) == 0 ? MAP_NORESERVE : 0);
    case SMALL: return below(random, 32);
    case FLAGS: return next_random(random) & next_random(random) & 0xffffff;
    case ANY: return hostile_word(random);
    case NAME: return below(random, 6) == 0 ? pointer(random) : (uint32_t)path(random, false);
    case OWN: return (uint32_t)path(random, true);
    case SIGNAL: {
        const uint32_t number = below(random, 66);
        return number == SIGKILL || number == SIGSTOP || number == SIGALRM ? 0 : number;
    }
    case SELF: return below(random, 4) == 0 ? 0x7ffffff0 : (uint32_t)getpid();
    case OFFSET: return below(random, 1 << 21);
    case SHORT: return below(random, 3);
    default: return 0;
    }
}

static void interrupted(int number) {
    (void)number;
}

/* Calls that block end with EINTR soon, unless the fuzzer has by chance switched that off. */
static void keep_moving(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = interrupted;
    for (int number = 1; number < NSIG; ++number) {
        if (number != SIGSEGV && number != SIGBUS) {
            sigaction(number, &action, NULL);
        }
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    const struct itimerval often = {{0, 5000}, {0, 5000}};
    setitimer(ITIMER_REAL, &often, NULL);
}

static void fill_area(struct Random* random) {
    uint32_t* const words =
        mmap(area, area_pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (words == MAP_FAILED) {
        return;
    }
    for (int i = 0; i < area_pages * page / 64; ++i) {
        words[i * 16 + below(random, 16)] = below(random, 2) != 0 ? below(random, 16) : pointer(random);
    }
}

/* A child of any kind that clone knows and that shares nothing by which it could outlive the call. */
static void make_odd_child(struct Random* random) {
    const uint32_t flags =
        (next_random(random) & (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK | CLONE_PARENT_SETTID |
                                CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | CLONE_SETTLS)) |
        SIGCHLD;
    long child;
    __asm__ volatile("int $0x80\n\t"
                     "test %%eax, %%eax\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebx, %%ebx\n\t"
                     "mov $252, %%eax\n\t"
                     "int $0x80\n"
                     "1:"
                     : "=a"(child)
                     : "0"(SYS_clone), "b"(flags), "c"(0), "d"(pointer(random)), "S"(pointer(random)),
                       "D"(pointer(random))
                     : "memory");
    if (child > 0) {
        waitpid((pid_t)child, NULL, WNOHANG);
    }
}

static void make_calls(struct Random* random, struct Progress* progress, uint32_t budget, int depth) {
    for (uint32_t i = 0; i < budget; ++i) {
        const uint32_t kind = below(random, 256);
        if (kind == 0 && depth < most_depth) {
            const pid_t child = fork();
            if (child == 0) {
                random->state ^= 0x9e3779b9;
                keep_moving();
                make_calls(random, progress, budget / 8, depth + 1);
                _exit(0);
            }
            if (child > 0 && below(random, 2) == 0) {
                waitpid(child, NULL, 0);
            }
        } else if (kind == 1) {
            make_odd_child(random);
        } else if (kind == 2) {
            fill_area(random);
            keep_moving();
        } else {
            const struct Call* const call = &calls[below(random, sizeof calls / sizeof *calls)];
            long arguments[6];
            for (int k = 0; k < 6; ++k) {
                arguments[k] = (long)argument(random, call->kinds[k]);
            }
            if (call->number == SYS_waitpid || call->number == SYS_wait4) {
                arguments[2] |= WNOHANG;
            }
            system_call(call->number, arguments);
        }
        __atomic_add_fetch(&progress->done, 1, __ATOMIC_RELAXED);
    }
}

void call_worker(struct Random* random, struct Progress* progress, uint32_t budget) {
    const int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, 0);
    dup2(nothing, 1);
    dup2(nothing, 2);
    area = mmap(NULL, area_pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mkdir("/tmp/fuzz-d", 0700);
    fill_area(random);
    keep_moving();
    make_calls(random, progress, budget, 0);
}
