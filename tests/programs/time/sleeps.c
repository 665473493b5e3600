/* Do sleeps last at least as long as asked, and refuse times that are none? */
#include "tests/programs/support/check.h"

#include <time.h>

int main(void) {
    const struct timespec short_time = {0, 30000000}, wrong = {0, 1000000000}, negative = {-1, 0}, zero = {0, 0};
    long long start = now();
    TRY(nanosleep(&short_time, NULL));
    SHOW(now() - start >= 30);
    TRY(nanosleep(&wrong, NULL));
    TRY(nanosleep(&negative, NULL));
    TRY(nanosleep(&zero, NULL));
    start = now();
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &short_time, NULL));
    SHOW(now() - start >= 30);
    const struct timespec long_ago = {0, 1};
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &long_ago, NULL));
    say("an unknown clock: %s", error_name(clock_nanosleep(99, 0, &short_time, NULL)));
    return 0;
}
