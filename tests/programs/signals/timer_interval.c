/* Do interval timers fire again and again, tell what is left, and stop? */
#include "tests/programs/support/check.h"

#include <sys/time.h>

static volatile sig_atomic_t count;

static void handler(int number) {
    (void)number;
    ++count;
}

int main(void) {
    signal(SIGALRM, handler);
    signal(SIGVTALRM, handler);
    signal(SIGPROF, handler);
    static const int kinds[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
    for (int i = 0; i < 3; ++i) {
        const struct itimerval often = {.it_value = {.tv_usec = 20000}, .it_interval = {.tv_usec = 20000}};
        count = 0;
        TRY(setitimer(kinds[i], &often, NULL));
        while (count < 3) {
        }
        struct itimerval left;
        TRY(getitimer(kinds[i], &left));
        SHOW(left.it_interval.tv_usec >= 20000 && left.it_interval.tv_usec <= 24000);
        SHOW(left.it_value.tv_sec == 0 && left.it_value.tv_usec <= 24000);
        const struct itimerval never = {0};
        TRY(setitimer(kinds[i], &never, &left));
    }
    const struct itimerval wrong = {.it_value = {.tv_usec = 2000000}};
    TRY(setitimer(ITIMER_REAL, &wrong, NULL));
    TRY(setitimer(7, &wrong, NULL));
    return 0;
}
