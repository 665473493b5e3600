/* What do timers show once they are off, or have gone off for the last time? */
#include "tests/programs/support/check.h"

#include <sys/time.h>

static volatile sig_atomic_t went_off;

static void handler(int number) {
    went_off = number;
}

static void show(int which) {
    struct itimerval timer;
    TRY(getitimer(which, &timer));
    SHOW(timer.it_value.tv_sec);
    SHOW(timer.it_value.tv_usec);
    SHOW(timer.it_interval.tv_sec);
    SHOW(timer.it_interval.tv_usec);
}

int main(void) {
    const int signals[] = {SIGALRM, SIGVTALRM, SIGPROF};
    for (int which = ITIMER_REAL; which <= ITIMER_PROF; ++which) {
        signal(signals[which], handler);
        went_off = 0;
        show(which);
        TRY(setitimer(which, &(struct itimerval){{0, 0}, {0, 20000}}, NULL));
        while (went_off == 0) {
        }
        show(which);
        TRY(setitimer(which, &(struct itimerval){{5, 0}, {100, 0}}, NULL));
        TRY(setitimer(which, &(struct itimerval){{7, 0}, {0, 0}}, NULL));
        if (which == ITIMER_REAL) {
            show(which);
        }
    }
    alarm(100);
    TRY(alarm(0));
    show(ITIMER_REAL);
    return 0;
}
