/* Are real-time signals queued one by one, in order of number and of sending, each with its value? */
#include "tests/programs/support/check.h"

static volatile int count;
static int numbers[16], values[16];

static void handler(int number, siginfo_t* information, void* context) {
    (void)context;
    if (count < 16) {
        numbers[count] = number - SIGRTMIN;
        values[count++] = information->si_value.sival_int;
    }
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigset_t set;
    sigfillset(&action.sa_mask);
    sigemptyset(&set);
    for (int i = 0; i < 3; ++i) {
        sigaction(SIGRTMIN + i, &action, NULL);
        sigaddset(&set, SIGRTMIN + i);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 6; ++i) {
        sigqueue(getpid(), SIGRTMIN + 2 - i % 3, (union sigval){.sival_int = i});
    }
    SHOW(count);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    for (int i = 0; i < count; ++i) {
        say("number %d, value %d", numbers[i], values[i]);
    }
    TRY(sigqueue(getpid(), 65, (union sigval){.sival_int = 0}));
    TRY(sigqueue(1 << 30, SIGUSR1, (union sigval){.sival_int = 0}));
    return 0;
}
