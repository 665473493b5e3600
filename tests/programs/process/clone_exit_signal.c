/* Which children does wait find: those that tell their end by SIGCHLD, or, with __WCLONE, the others; and what do
 * CLONE_PARENT and exec make of a child's signal? */
#include "tests/programs/support/check.h"

#include <sched.h>

static void* const none = NULL;

static long clone_with(unsigned long flags) {
    return syscall(SYS_clone, flags, none, none, none, none);
}

static void end(const char* name, unsigned long flags) {
    const pid_t child = (pid_t)clone_with(flags);
    if (child == 0) {
        _exit(3);
    }
    int status = 0;
    say("%s", name);
    siginfo_t info;
    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT | __WALL);
    TRY_OK(waitpid(child, &status, WNOHANG));
    TRY_OK(waitpid(child, &status, WNOHANG | __WCLONE));
    TRY_OK(waitpid(child, &status, WNOHANG | __WALL));
}

int main(void) {
    end("SIGCHLD", SIGCHLD);
    end("none", 0);
    signal(SIGUSR1, SIG_IGN);
    end("SIGUSR1", SIGUSR1);
    end("no signal there is", 255);
    /* exec makes it SIGCHLD */
    pid_t child = (pid_t)clone_with(0);
    if (child == 0) {
        execl(self_path(), "programs", "exit_with", "4", (char*)NULL);
        _exit(1);
    }
    siginfo_t info;
    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT | __WALL);
    int status = 0;
    TRY_OK(waitpid(child, &status, WNOHANG));
    SHOW(status);
    /* a sister: the signal is that of who made it */
    int told[2];
    pipe(told);
    if (in_child()) {
        pid_t sister = (pid_t)clone_with(CLONE_PARENT | SIGUSR1);
        if (sister == 0) {
            _exit(5);
        }
        write(told[1], &sister, sizeof sister);
        TRY(waitpid(sister, &status, 0));
        _exit(0);
    }
    wait_child();
    pid_t sister = 0;
    read(told[0], &sister, sizeof sister);
    TRY_OK(waitpid(sister, &status, 0));
    SHOW(status);
    return 0;
}
