/* Do getrlimit, setrlimit and prlimit agree, and what do they refuse? */
#include "tests/programs/support/check.h"

int main(void) {
    struct rlimit limit;
    TRY(getrlimit(RLIMIT_STACK, &limit));
    SHOW(limit.rlim_cur == 8 << 20);
    TRY(getrlimit(100, &limit));
    TRY(syscall(SYS_ugetrlimit, RLIMIT_AS, WILD));
    TRY(syscall(SYS_setrlimit, RLIMIT_AS, WILD));
    limit.rlim_cur = 2000;
    limit.rlim_max = 1000;
    TRY(setrlimit(RLIMIT_CORE, &limit));
    limit.rlim_cur = 12345;
    limit.rlim_max = 23456;
    TRY(setrlimit(RLIMIT_CPU, &limit));
    struct rlimit64 large = {0}, old = {0};
    TRY(prlimit64(0, RLIMIT_CPU, NULL, &old));
    SHOW(old.rlim_cur);
    SHOW(old.rlim_max);
    large.rlim_cur = 100;
    large.rlim_max = 23456;
    TRY(prlimit64(getpid(), RLIMIT_CPU, &large, &old));
    TRY(getrlimit(RLIMIT_CPU, &limit));
    SHOW(limit.rlim_cur);
    TRY(prlimit64(999999, RLIMIT_CPU, NULL, &old));
    if (in_child()) {
        getrlimit(RLIMIT_CPU, &limit);
        SHOW(limit.rlim_cur);
        return 0;
    }
    wait_child();
    return 0;
}
