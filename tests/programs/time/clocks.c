/* Do the clocks go forward, agree on their resolution, and refuse unknown ones? */
#include "tests/programs/support/check.h"

#include <sys/time.h>
#include <time.h>

int main(void) {
    struct timespec one, two;
    static const clockid_t clocks[] = {CLOCK_REALTIME,          CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
                                       CLOCK_THREAD_CPUTIME_ID, CLOCK_BOOTTIME,  CLOCK_MONOTONIC_RAW};
    for (int i = 0; i < 6; ++i) {
        TRY(clock_gettime(clocks[i], &one));
        bool forward = true, valid = true;
        for (int round = 0; round < 1000; ++round) {
            clock_gettime(clocks[i], &two);
            forward = forward && (two.tv_sec > one.tv_sec || (two.tv_sec == one.tv_sec && two.tv_nsec >= one.tv_nsec));
            valid = valid && two.tv_nsec >= 0 && two.tv_nsec < 1000000000;
            one = two;
        }
        SHOW(forward && valid);
    }
    TRY(clock_gettime(99, &one));
    TRY(clock_getres(CLOCK_MONOTONIC, &one));
    SHOW(one.tv_sec == 0 && one.tv_nsec > 0);
    struct timeval time;
    TRY(gettimeofday(&time, NULL));
    clock_gettime(CLOCK_REALTIME, &one);
    SHOW(one.tv_sec - time.tv_sec <= 1);
    SHOW(time.tv_sec > 1600000000);
    return 0;
}
