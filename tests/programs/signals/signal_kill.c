/* Whom may kill reach, and what does it refuse? */
#include "tests/programs/support/check.h"

int main(void) {
    TRY(kill(getpid(), 0));
    TRY(kill(1 << 30, 0));
    TRY(kill(getpid(), 65));
    TRY(kill(getpid(), -1));
    TRY(syscall(SYS_tkill, getpid(), 0));
    TRY(syscall(SYS_tkill, 0, 0));
    TRY(syscall(SYS_tgkill, getpid(), 1 << 30, 0));
    TRY(syscall(SYS_tgkill, 1 << 30, getpid(), 0));
    int ends[2];
    TRY(pipe(ends));
    pid_t children[3];
    for (int i = 0; i < 3; ++i) {
        children[i] = fork();
        if (children[i] == 0) {
            setpgid(0, i == 0 ? 0 : children[0]);
            write(ends[1], "r", 1);
            for (;;) {
                pause();
            }
        }
        setpgid(children[i], children[0]);
    }
    for (int i = 0; i < 3; ++i) {
        char ready;
        read(ends[0], &ready, 1);
    }
    TRY(kill(-children[0], SIGTERM));
    for (int i = 0; i < 3; ++i) {
        wait_for(children[i], "one of the group");
    }
    TRY(kill(-children[0], SIGTERM));
    return 0;
}
