/* Do a thousand signals from another process all find a busy one alive, its registers whole? */
#include "tests/programs/support/check.h"

#include <sched.h>

static volatile sig_atomic_t count, finished;

static void handler(int number) {
    if (number == SIGUSR2) {
        finished = 1;
    }
    ++count;
}

int main(void) {
    signal(SIGUSR1, handler);
    signal(SIGUSR2, handler);
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 1000; ++i) {
            kill(parent, SIGUSR1);
            if (i % 50 == 0) {
                sched_yield();
            }
        }
        kill(parent, SIGUSR2);
        _exit(0);
    }
    bool right = true;
    while (finished == 0) {
        unsigned long long product = 1;
        for (unsigned i = 1; i <= 20; ++i) {
            product *= i;
        }
        right = right && product == 2432902008176640000ULL;
    }
    SHOW(right);
    SHOW(count > 1 && count <= 1001);
    wait_for(child, "child");
    return 0;
}
