/* What lives on through exec: ignored and pending signals, masks, descriptors; and what does not: handlers, mappings,
 * close-on-exec? */
#include "tests/programs/support/check.h"

static void handler(int number) {
    (void)number;
}

int main(int count, char** arguments) {
    if (count > 1 && strcmp(arguments[1], "after") == 0) {
        struct sigaction action;
        sigaction(SIGUSR1, NULL, &action);
        SHOW(action.sa_handler == SIG_DFL);
        sigaction(SIGUSR2, NULL, &action);
        SHOW(action.sa_handler == SIG_IGN);
        sigset_t set;
        sigprocmask(SIG_BLOCK, NULL, &set);
        SHOW(sigismember(&set, SIGTERM));
        sigpending(&set);
        SHOW(sigismember(&set, SIGTERM));
        SHOW(fcntl(50, F_GETFD));
        SHOW(fcntl(51, F_GETFD));
        stack_t stack;
        sigaltstack(NULL, &stack);
        SHOW(stack.ss_flags == SS_DISABLE);
        SHOW(umask(0));
        return 0;
    }
    signal(SIGUSR1, handler);
    signal(SIGUSR2, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTERM);
    check_watch_faults(NULL); /* sets another stack for handlers */
    const int file = open_file(0);
    fcntl(file, F_SETFD, 0);
    dup2(file, 50);
    dup3(file, 51, O_CLOEXEC);
    umask(027);
    exec_self("after", NULL);
    return 1;
}
