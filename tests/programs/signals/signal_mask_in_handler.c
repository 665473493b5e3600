/* Which signals are blocked while a handler runs, and is the mask as before when it returns? */
#include "tests/programs/support/check.h"

static volatile int depth, deepest, order;

static void show_mask(const char* where) {
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    say("%s: USR1 %d, USR2 %d, TERM %d", where, sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2),
        sigismember(&set, SIGTERM));
}

static void handler(int number) {
    if (++depth > deepest) {
        deepest = depth;
    }
    say("in, by %s", signal_name(number));
    show_mask("inside");
    if (order++ == 0) {
        raise(number);
        raise(SIGUSR2);
    }
    say("out, by %s", signal_name(number));
    --depth;
}

int main(void) {
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    show_mask("before");
    raise(SIGUSR1);
    show_mask("after");
    SHOW(deepest);
    deepest = order = 0;
    action.sa_flags = SA_NODEFER;
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    SHOW(deepest);
    return 0;
}
