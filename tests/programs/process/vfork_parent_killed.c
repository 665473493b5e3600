/* Does a parent that waits for its vfork child end at once when it is killed, and not for a signal that can wait? */
#include "tests/programs/support/check.h"

static void handler(int number) {
    (void)number;
}

static void kill_by(int first, int number, bool ends) {
    int begun[2], rest[2];
    pipe(begun);
    pipe(rest);
    signal(SIGUSR1, handler);
    const pid_t parent = fork();
    if (parent == 0) {
        close(rest[1]);
        if (vfork() == 0) {
            char byte = 1;
            write(begun[1], &byte, 1);
            read(rest[0], &byte, 1); /* as long as the first process wants */
            write(begun[1], &byte, 1);
            _exit(0);
        }
        _exit(1);
    }
    char byte;
    read(begun[0], &byte, 1);
    TRY(kill(parent, first));
    int status = 0;
    TRY(waitpid(parent, &status, WNOHANG));
    TRY(kill(parent, number));
    if (ends) {
        wait_for(parent, signal_name(number));
    } else {
        TRY(waitpid(parent, &status, WNOHANG));
    }
    close(rest[1]);
    TRY(read(begun[0], &byte, 1)); /* the child has gone on */
    close(begun[0]);
    close(begun[1]);
    close(rest[0]);
    if (!ends) {
        wait_for(parent, signal_name(number));
    }
}

int main(void) {
    kill_by(SIGUSR1, SIGKILL, true);
    kill_by(0, SIGTERM, true);
    kill_by(SIGUSR1, SIGQUIT, false);
    return 0;
}
