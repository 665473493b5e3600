/* Does RLIMIT_NPROC end a fork bomb with EAGAIN, and do all its processes come to an end? */
#include "tests/programs/support/check.h"

enum { limit = 60, patience = 400 /* milliseconds */ };

static void fork_and_fork(volatile int* refused, long long until) {
    while (now() < until) {
        const pid_t child = fork();
        if (child == 0) {
            continue; /* and it forks, too */
        }
        if (child < 0) {
            if (errno == EAGAIN) {
                __atomic_add_fetch(refused, 1, __ATOMIC_SEQ_CST);
            }
            usleep(1000);
        }
    }
    while (wait(NULL) > 0) {
    }
    _exit(0);
}

int main(void) {
    volatile int* const refused = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (in_child()) {
        const struct rlimit most = {.rlim_cur = limit, .rlim_max = limit};
        setrlimit(RLIMIT_NPROC, &most);
        /* Linux lets root do as it likes. */
        if (getuid() == 0) {
            setuid(54321);
        }
        fork_and_fork(refused, now() + patience);
    }
    wait_child();
    SHOW(*refused > 0);
    TRY(wait(NULL));
    if (in_child()) {
        return 7; /* there is room again */
    }
    wait_child();
    return 0;
}
