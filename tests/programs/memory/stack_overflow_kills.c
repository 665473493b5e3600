/* What ends a program that overflows its stack with no other stack for its handler? */
#include "tests/programs/support/check.h"

static int endless(int level) {
    volatile char room[page];
    room[0] = 1;
    return endless(level + 1) + room[0];
}

static void never(int number) {
    (void)number;
    say("a handler ran on a stack that was full");
}

int main(void) {
    if (in_child()) {
        const struct rlimit limit = {.rlim_cur = 1 << 20, .rlim_max = RLIM_INFINITY};
        setrlimit(RLIMIT_STACK, &limit);
        signal(SIGSEGV, never);
        return endless(0);
    }
    wait_child();
    return 0;
}
