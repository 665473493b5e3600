/* Do sigsuspend and pause wait for a signal, run its handler and come back with EINTR, the mask restored? */
#include "tests/programs/support/check.h"

#include <sys/time.h>

static volatile sig_atomic_t count;

static void handler(int number) {
    (void)number;
    ++count;
}

int main(void) {
    signal(SIGUSR1, handler);
    signal(SIGALRM, handler);
    sigset_t block, none;
    sigemptyset(&none);
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    raise(SIGUSR1);
    SHOW(count);
    TRY(sigsuspend(&none));
    SHOW(count);
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    SHOW(sigismember(&set, SIGUSR1));
    const struct itimerval often = {.it_value = {.tv_usec = 50000}, .it_interval = {.tv_usec = 50000}};
    TRY(setitimer(ITIMER_REAL, &often, NULL));
    TRY(pause());
    SHOW(count >= 2);
    const struct itimerval never = {0};
    TRY(setitimer(ITIMER_REAL, &never, NULL));
    TRY(alarm(0));
    alarm(100);
    SHOW(alarm(0) > 98);
    return 0;
}
