/* Processes made by every combination of clone's flags that makes a process, with each kind of exit signal and of
   ending: after all are gone, nothing of them may be left. Who shares memory gets a stack of its own. */
#include "tests/stress/stress.h"

#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern int clone(int (*function)(void*), void* stack, int flags, void* argument, ...); /* <sched.h> has other flags */

static const unsigned long flags[] = {CLONE_VM,           CLONE_FS,
                                      CLONE_FILES,        CLONE_PARENT,
                                      CLONE_VFORK,        CLONE_PARENT_SETTID,
                                      CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID};

enum { combinations = 1 << (sizeof flags / sizeof *flags), stack_bytes = 2 * page, status_wanted = 3 };

enum ending { leaves, is_killed, runs_another, endings };

/* Shares memory with its parent, perhaps: makes system calls only. */
static int child(void* argument) {
    switch ((enum ending)(intptr_t)argument) {
    case is_killed: syscall(SYS_kill, syscall(SYS_getpid), SIGKILL); break;
    case runs_another: {
        char* const arguments[] = {"stress", "nothing", NULL};
        syscall(SYS_execve, "/proc/self/exe", arguments, NULL);
        break;
    }
    default: break;
    }
    syscall(SYS_exit_group, status_wanted);
    return 0;
}

/* Waits for all children, whatever their exit signals. True if each ended as it should. */
static bool bury(unsigned* buried, enum ending ending) {
    bool right = true;
    int status;
    for (*buried = 0; waitpid(-1, &status, __WALL) > 0; ++*buried) {
        const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        const int wanted = ending == runs_another ? 0 : status_wanted;
        right = right && (ending == is_killed ? killed : WIFEXITED(status) && WEXITSTATUS(status) == wanted);
    }
    return right;
}

/* Makes a child for each combination; half of them, by CLONE_PARENT, are the caller's sisters. */
static int make_all(int exit_signal, enum ending ending) {
    static int told[combinations], ids[combinations];
    char* const stacks =
        mmap(NULL, (size_t)combinations * stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stacks == MAP_FAILED) {
        return 1;
    }
    signal(SIGUSR1, SIG_IGN);
    for (int chosen = 0; chosen < combinations; ++chosen) {
        unsigned long wanted = (unsigned long)exit_signal;
        for (int flag = 0; 1 << flag < combinations; ++flag) {
            wanted |= (chosen >> flag & 1) != 0 ? flags[flag] : 0;
        }
        char* const top = stacks + (size_t)(chosen + 1) * stack_bytes;
        if (clone(child, top, (int)wanted, (void*)(intptr_t)ending, &told[chosen], NULL, &ids[chosen]) < 0) {
            return 2;
        }
    }
    unsigned buried;
    return bury(&buried, ending) && buried == combinations / 2 ? status_wanted : 4;
}

bool stress_clones(void) {
    static const int exit_signals[] = {0, SIGCHLD, SIGUSR1};
    signal(SIGUSR1, SIG_IGN);
    bool held = true;
    for (unsigned each = 0; each < sizeof exit_signals / sizeof *exit_signals; ++each) {
        for (enum ending ending = leaves; ending < endings; ++ending) {
            const pid_t maker = fork();
            if (maker == 0) {
                _exit(make_all(exit_signals[each], ending));
            }
            int status = 0;
            waitpid(maker, &status, __WALL);
            unsigned buried;
            const bool right = bury(&buried, ending) && buried == combinations / 2 && status == status_wanted << 8;
            if (!right) {
                printf("exit signal %d, ending %d: maker's status 0x%x, %u sisters\n", exit_signals[each], (int)ending,
                       (unsigned)status, buried);
            }
            held = held && right;
        }
    }
    /* Sisters of a program that the kernel started are the kernel's to bury. */
    return make_all(SIGCHLD, leaves) == status_wanted && held;
}
