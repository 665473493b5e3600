/* What do SA_RESETHAND and SA_NOCLDWAIT do, and what does sigaction refuse? */
#include "tests/programs/support/check.h"

static volatile sig_atomic_t count;

static void handler(int number) {
    (void)number;
    ++count;
}

int main(void) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESETHAND};
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    SHOW(count);
    struct sigaction now_set;
    sigaction(SIGUSR1, NULL, &now_set);
    SHOW(now_set.sa_handler == SIG_DFL);
    action.sa_flags = 0;
    TRY(sigaction(SIGKILL, &action, NULL));
    TRY(sigaction(SIGSTOP, &action, NULL));
    TRY(sigaction(65, &action, NULL));
    TRY(syscall(SYS_rt_sigaction, 0, &action, NULL, 8));
    TRY(syscall(SYS_rt_sigaction, SIGUSR1, WILD, NULL, 8));
    TRY(syscall(SYS_rt_sigaction, SIGUSR1, NULL, WILD, 8));
    TRY(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
    action.sa_flags = SA_NOCLDWAIT;
    TRY(sigaction(SIGCHLD, &action, NULL));
    if (fork() == 0) {
        _exit(3);
    }
    while (waitpid(-1, NULL, 0) == -1 && errno == EINTR) {
    }
    say("wait: %s", error_name(errno));
    TRY(raise(SIGWINCH)); /* ignored where nobody handles it */
    TRY(raise(SIGURG));
    TRY(raise(SIGCONT));
    return 0;
}
