/* Does RLIMIT_SIGPENDING hold? At 0 no real-time signal queues; one of kill() comes, but says no longer who sent it. */
#include "tests/programs/support/check.h"

#include <sys/resource.h>

static void show(int number, siginfo_t* information, void* context) {
    (void)context;
    say("signal %d from %s, code %d", number - SIGRTMIN, information->si_pid == 0 ? "nobody" : "somebody",
        information->si_code);
}

int main(void) {
    const struct sigaction action = {.sa_sigaction = show, .sa_flags = SA_SIGINFO};
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = 8};
    TRY(sigaction(SIGRTMIN + 1, &action, NULL));
    TRY(sigaction(SIGRTMIN + 2, &action, NULL));
    TRY(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 1}));
    TRY(setrlimit(RLIMIT_SIGPENDING, &none));
    TRY(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 1}));
    TRY(kill(getpid(), SIGRTMIN + 2));
    struct rlimit now;
    TRY(getrlimit(RLIMIT_SIGPENDING, &now));
    say("soft %d, hard %d", (int)now.rlim_cur, (int)now.rlim_max);
    return 0;
}
