/* What does each form of wait take, refuse and tell: any child, one, a group, none, without waiting? */
#include "tests/programs/support/check.h"

int main(void) {
    int status;
    TRY(waitpid(-1, &status, 0));
    TRY(waitpid(1 << 30, &status, 0));
    int ends[2];
    TRY(pipe(ends));
    const pid_t child = fork();
    if (child == 0) {
        char go;
        close(ends[1]);
        read(ends[0], &go, 1);
        _exit(300); /* eight bits of it */
    }
    TRY(waitpid(child, &status, WNOHANG));
    TRY(waitpid(child, &status, 0x1000));
    TRY(waitpid(0, &status, WNOHANG));
    close(ends[1]);
    SHOW(waitpid(0, &status, 0) == child);
    SHOW(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    TRY(waitpid(child, &status, 0));
    const pid_t second = fork();
    if (second == 0) {
        raise(SIGKILL);
    }
    struct rusage usage;
    SHOW(wait4(second, &status, 0, &usage) == second);
    say("%s", WIFSIGNALED(status) ? signal_name(WTERMSIG(status)) : "not by a signal");
    const pid_t third = fork();
    if (third == 0) {
        _exit(1);
    }
    while (syscall(SYS_waitpid, third, WILD, 0) == -1 && errno == EINTR) {
    }
    say("with a wild status: %s", error_name(errno));
    TRY(waitpid(third, &status, WNOHANG));
    return 0;
}
