/* Do getrusage and times count the time that is used, and a child's once it is waited for? */
#include "tests/programs/support/check.h"

#include <sys/times.h>

static void burn(int milliseconds) {
    struct rusage usage;
    long used;
    do {
        for (volatile int i = 0; i < 10000; ++i) {
        }
        getrusage(RUSAGE_SELF, &usage);
        used = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
               (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
    } while (used < milliseconds);
}

int main(void) {
    struct rusage usage;
    burn(100);
    say("a tenth of a second was used");
    struct tms times_now;
    SHOW(times(&times_now) != -1);
    SHOW(times_now.tms_utime + times_now.tms_stime >= 5);
    TRY(getrusage(RUSAGE_CHILDREN, &usage));
    SHOW(usage.ru_utime.tv_sec + usage.ru_utime.tv_usec);
    if (in_child()) {
        burn(100);
        return 0;
    }
    wait_child();
    getrusage(RUSAGE_CHILDREN, &usage);
    SHOW((usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
             (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000 >=
         50);
    TRY(getrusage(77, &usage));
    char* const area = map_pages(100, PROT_READ | PROT_WRITE);
    getrusage(RUSAGE_SELF, &usage);
    const long before = usage.ru_minflt + usage.ru_majflt;
    for (int i = 0; i < 100; ++i) {
        area[i * page] = 1;
    }
    getrusage(RUSAGE_SELF, &usage);
    SHOW(usage.ru_minflt + usage.ru_majflt - before >= 1);
    return 0;
}
