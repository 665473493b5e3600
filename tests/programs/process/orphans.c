/* Whose child is a process whose parent has ended: not its old parent's? */
#include "tests/programs/support/check.h"

int main(void) {
    int ends[2];
    TRY(pipe(ends));
    const pid_t old_parent = getpid();
    if (in_child()) {
        const pid_t middle = getpid();
        if (fork() == 0) {
            while (getppid() == middle) {
                usleep(1000);
            }
            const char answer = getppid() != middle && getppid() != old_parent ? 'y' : 'n';
            write(ends[1], &answer, 1);
            _exit(0);
        }
        return 0;
    }
    wait_child();
    char answer = '?';
    TRY(read(ends[0], &answer, 1));
    say("%c", answer);
    TRY(wait(NULL));
    return 0;
}
