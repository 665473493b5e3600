/* What does waitid tell of a child that ended, was killed, and was only looked at? */
#include "tests/programs/support/check.h"

static void tell(int result, const siginfo_t* information) {
    if (result != 0) {
        say("waitid: %s", error_name(errno));
    } else {
        say("%s, code %d, status %d", signal_name(information->si_signo), information->si_code, information->si_status);
    }
}

int main(void) {
    siginfo_t information = {0};
    pid_t child = fork();
    if (child == 0) {
        _exit(21);
    }
    tell(waitid(P_PID, (id_t)child, &information, WEXITED | WNOWAIT), &information);
    SHOW(information.si_pid == child);
    tell(waitid(P_PID, (id_t)child, &information, WEXITED), &information);
    tell(waitid(P_PID, (id_t)child, &information, WEXITED), &information);
    child = fork();
    if (child == 0) {
        raise(SIGTERM);
    }
    tell(waitid(P_ALL, 0, &information, WEXITED), &information);
    tell(waitid(P_ALL, 0, &information, 0), &information);
    return 0;
}
