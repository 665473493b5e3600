/* Do clocks count what processes have used, one's own and others', and may one sleep by them? */
#include "tests/programs/support/check.h"

#include <time.h>

static void spin(void) {
    for (volatile int i = 0; i < 20000000; ++i) {
    }
}

static clockid_t clock_of(pid_t process, int kind) {
    return (clockid_t)(~(unsigned)process << 3 | (unsigned)kind);
}

static long long reading(clockid_t clock) {
    struct timespec time = {0, 0};
    TRY(clock_gettime(clock, &time));
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(void) {
    const pid_t child = fork();
    if (child == 0) {
        for (;;) {
            spin();
        }
    }
    clockid_t theirs = 0;
    TRY(clock_getcpuclockid(child, &theirs));
    SHOW(theirs == clock_of(child, 2));
    struct timespec time = {0, 0};
    TRY(clock_getres(theirs, &time));
    SHOW(time.tv_nsec);
    for (int kind = 0; kind < 4; ++kind) {
        TRY(clock_getres(clock_of(0, kind), NULL));
        TRY(clock_gettime(clock_of(child, kind), &time));
        TRY(clock_gettime(clock_of(child, kind | 4), &time)); /* another's thread */
        TRY(clock_gettime(clock_of(0, kind | 4), &time));
    }
    TRY(clock_settime(theirs, &time));
    TRY(clock_settime(CLOCK_PROCESS_CPUTIME_ID, &time));
    TRY(clock_settime(CLOCK_MONOTONIC, &time));
    /* sleeping by what another uses */
    const long long before = reading(theirs);
    time = (struct timespec){0, 30000000};
    TRY(clock_nanosleep(theirs, 0, &time, NULL));
    SHOW(reading(theirs) - before >= 30000000);
    time = (struct timespec){0, 1};
    TRY(clock_nanosleep(theirs, TIMER_ABSTIME, &time, NULL));
    TRY(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &time, NULL));
    const long long mine = reading(CLOCK_PROCESS_CPUTIME_ID);
    while (reading(CLOCK_PROCESS_CPUTIME_ID) == mine) {
        spin();
        break;
    }
    kill(child, SIGKILL);
    wait_for(child, "the other");
    TRY(clock_gettime(theirs, &time));
    TRY(clock_nanosleep(theirs, 0, &time, NULL));
    TRY(clock_getcpuclockid(child, &theirs) == ESRCH);
    return 0;
}
