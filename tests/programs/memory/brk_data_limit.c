/* Does RLIMIT_DATA stop the break, and let it go on when it is raised? */
#include "tests/programs/support/check.h"

int main(void) {
    const long at = syscall(SYS_brk, 0);
    struct rlimit before;
    TRY(getrlimit(RLIMIT_DATA, &before));
    const struct rlimit small = {.rlim_cur = 16 * page, .rlim_max = before.rlim_max};
    TRY(setrlimit(RLIMIT_DATA, &small));
    SHOW(syscall(SYS_brk, at + (8 << 20)) == at);
    TRY(setrlimit(RLIMIT_DATA, &before));
    SHOW(syscall(SYS_brk, at + (8 << 20)) == at + (8 << 20));
    return 0;
}
