/* Do two processes that yield both get on, and does sched_yield always succeed? */
#include "tests/programs/support/check.h"

#include <sched.h>

int main(void) {
    volatile int* const counts = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (in_child()) {
        while (counts[0] < 1000) {
            ++counts[1];
            sched_yield();
        }
        return 0;
    }
    TRY(sched_yield());
    while (counts[1] < 10) {
        sched_yield();
    }
    counts[0] = 1000;
    wait_child();
    SHOW(counts[1] >= 10);
    return 0;
}
