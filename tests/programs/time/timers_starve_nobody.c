/* Does a program get its turn while others have timers that are always due: with handlers, blocked, ignored, stopped?
 */
#include "tests/programs/support/check.h"

#include <sys/time.h>

enum { children = 12 };

static void handler(int number) {
    (void)number;
}

static const struct itimerval always_due = {{0, 1}, {0, 1}};

static void live(int kind) {
    const int which = kind % 3;
    const int signals[] = {SIGALRM, SIGVTALRM, SIGPROF};
    struct sigaction action = {.sa_handler = kind % 2 == 0 ? handler : SIG_IGN,
                               .sa_flags = kind % 4 == 0 ? SA_NODEFER : 0};
    sigaction(signals[which], &action, NULL);
    if (kind % 5 == 0) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
    }
    setitimer(which, &always_due, NULL);
    if (kind % 6 == 1) {
        raise(SIGSTOP);
    }
    for (;;) {
        if (kind % 7 == 1) {
            usleep(1);
        }
    }
}

static int progress(void) {
    volatile int counted = 0;
    while (counted < 5000000) {
        ++counted;
    }
    return counted;
}

int main(void) {
    SHOW(progress());
    pid_t child[children];
    for (int i = 0; i < children; ++i) {
        child[i] = fork();
        if (child[i] == 0) {
            live(i);
        }
    }
    SHOW(progress());
    /* and with one of its own that comes often */
    signal(SIGALRM, handler);
    TRY(setitimer(ITIMER_REAL, &(struct itimerval){{0, 3000}, {0, 3000}}, NULL));
    SHOW(progress());
    TRY(setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL));
    for (int i = 0; i < children; ++i) {
        kill(child[i], SIGKILL);
        wait_for(child[i], "child");
    }
    return 0;
}
