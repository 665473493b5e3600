/* Are blocked signals kept, told by sigpending, merged, and delivered when they are let through? */
#include "tests/programs/support/check.h"

static volatile sig_atomic_t count;

static void handler(int number) {
    (void)number;
    ++count;
}

int main(void) {
    signal(SIGUSR1, handler);
    signal(SIGUSR2, handler);
    sigset_t set, old, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    TRY(sigprocmask(SIG_BLOCK, &set, &old));
    raise(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    SHOW(count);
    TRY(sigpending(&pending));
    SHOW(sigismember(&pending, SIGUSR1));
    SHOW(sigismember(&pending, SIGUSR2));
    raise(SIGUSR2);
    SHOW(count);
    TRY(sigprocmask(SIG_UNBLOCK, &set, NULL));
    SHOW(count);
    sigfillset(&set);
    TRY(sigprocmask(SIG_SETMASK, &set, NULL));
    sigprocmask(SIG_BLOCK, NULL, &set);
    SHOW(sigismember(&set, SIGKILL));
    SHOW(sigismember(&set, SIGSTOP));
    SHOW(sigismember(&set, SIGTERM));
    TRY(sigprocmask(77, &set, NULL));
    TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, WILD, NULL, 8));
    TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 7));
    return 0;
}
