/* Does sigtimedwait take a pending signal without its handler, wait for one, and give up in time? */
#include "tests/programs/support/check.h"

#include <time.h>

int main(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    siginfo_t information;
    const struct timespec nothing = {0, 0}, short_time = {0, 20000000}, wrong = {0, 2000000000};
    TRY(sigtimedwait(&set, &information, &nothing));
    sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 5});
    SHOW(sigtimedwait(&set, &information, &nothing) == SIGUSR2);
    SHOW(information.si_value.sival_int);
    const long long start = now();
    TRY(sigtimedwait(&set, &information, &short_time));
    SHOW(now() - start >= 20);
    TRY(sigtimedwait(&set, &information, &wrong));
    const pid_t child = fork();
    if (child == 0) {
        _exit(6);
    }
    SHOW(sigwaitinfo(&set, &information) == SIGCHLD);
    SHOW(information.si_status);
    wait_for(child, "child");
    return 0;
}
