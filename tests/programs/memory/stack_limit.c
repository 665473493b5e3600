/* Does the stack stop at RLIMIT_STACK, with a fault that a handler on another stack can take? */
#include "tests/programs/support/check.h"

static volatile int depth;

static int endless(int level) {
    volatile char room[page];
    room[0] = 1;
    ++depth;
    return endless(level + 1) + room[0];
}

int main(void) {
    const struct rlimit limit = {.rlim_cur = 1 << 20, .rlim_max = RLIM_INFINITY};
    TRY(setrlimit(RLIMIT_STACK, &limit));
    check_watch_faults(__builtin_frame_address(0));
    if (sigsetjmp(check_after_fault, 1) == 0) {
        endless(0);
    }
    say("the stack ended within its limit: %d", depth > 200 && depth < 260);
    return 0;
}
