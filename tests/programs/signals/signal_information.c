/* What is a handler told of who sent a signal and how: kill, tgkill, sigqueue, a timer, a child's end? */
#include "tests/programs/support/check.h"

#include <sys/time.h>

static volatile int code, value, number;
static volatile bool from_self;

static void handler(int signal, siginfo_t* information, void* context) {
    (void)context;
    number = signal;
    code = information->si_code;
    from_self = information->si_pid == getpid();
    value = information->si_value.sival_int;
}

static void tell(const char* what) {
    say("%s: %s, code %d", what, signal_name(number), code);
    number = 0;
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGCHLD, &action, NULL);
    kill(getpid(), SIGUSR1);
    tell("kill");
    SHOW(from_self);
    syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
    tell("tgkill");
    TRY(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 77}));
    tell("sigqueue");
    SHOW(value);
    const struct itimerval soon = {.it_value = {.tv_usec = 1000}};
    TRY(setitimer(ITIMER_REAL, &soon, NULL));
    while (number == 0) {
    }
    tell("timer");
    const pid_t child = fork();
    if (child == 0) {
        _exit(5);
    }
    while (number == 0) {
    }
    tell("child");
    wait_for(child, "child");
    return 0;
}
