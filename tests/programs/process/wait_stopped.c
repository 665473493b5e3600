/* Does wait tell of a child that stops and goes on, when it is asked to? */
#include "tests/programs/support/check.h"

int main(void) {
    int status;
    const pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(4);
    }
    SHOW(waitpid(child, &status, WUNTRACED) == child);
    say("%s", WIFSTOPPED(status) ? signal_name(WSTOPSIG(status)) : "did not stop");
    TRY(waitpid(child, &status, WNOHANG));
    TRY(kill(child, SIGCONT));
    SHOW(waitpid(child, &status, WCONTINUED) == child);
    SHOW(WIFCONTINUED(status) || WIFEXITED(status));
    if (WIFCONTINUED(status)) {
        waitpid(child, &status, 0);
    }
    SHOW(WEXITSTATUS(status));
    return 0;
}
