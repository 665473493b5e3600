/* Is a program told when it has used up its soft limit of processor time, each second, and ended at the hard one? */
#include "tests/programs/support/check.h"

static volatile int told;

static void handler(int number) {
    told = number;
}

static rlim_t soft_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_CPU, &limit);
    return limit.rlim_cur;
}

static void set(rlim_t soft, rlim_t hard) {
    TRY(setrlimit(RLIMIT_CPU, &(struct rlimit){soft, hard}));
}

static void spin(void) {
    while (told == 0) {
    }
}

int main(void) {
    if (in_child()) {
        signal(SIGXCPU, handler);
        set(0, 3);
        spin(); /* at once */
        SHOW(told == SIGXCPU);
        SHOW(soft_limit());
        told = 0;
        spin();
        SHOW(soft_limit());
        set(1, 1);
        told = 0;
        spin();
        say("still there");
        _exit(0);
    }
    wait_child();
    if (in_child()) {
        set(0, 1);
        spin();
        _exit(0);
    }
    wait_child();
    if (in_child()) {
        set(0, RLIM_INFINITY);
        if (in_child()) { /* it has used nothing yet, but nothing is what it may use */
            SHOW(soft_limit());
            spin();
        }
        wait_child();
        _exit(0);
    }
    wait_child();
    set(2, 1);
    return 0;
}
