/* Where do handlers return that were installed without a restorer, as the bare system calls do? */
#include "tests/programs/support/check.h"

struct Action {
    void* handler;
    unsigned long flags;
    void* restorer;
    unsigned long long mask;
};
struct OldAction {
    void* handler;
    unsigned long mask, flags;
    void* restorer;
};

static volatile int times;

/* Unwinders know the code that a handler returns to by its bytes. */
static void handler(int number) {
    const unsigned char* const code = __builtin_return_address(0);
    ++times;
    say("signal %d, returns to %02x %02x %02x", number, code[0], code[1], code[2]);
}

static void raise_some(void) {
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR1);
    SHOW(times);
}

static void old_call(void) {
    syscall(SYS_signal, SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    SHOW(times);
}
static void older_action(void) {
    struct OldAction action = {handler, 0, 0, NULL};
    syscall(SYS_sigaction, SIGUSR1, &action, NULL);
    raise_some();
}
static void plain(void) {
    struct Action action = {handler, 0, NULL, 0};
    syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8);
    raise_some();
    if (fork() == 0) {
        raise_some();
        _exit(0);
    }
    wait(NULL);
}
static void with_information(void) {
    struct Action action = {handler, SA_SIGINFO, NULL, 0};
    syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8);
    raise_some();
}

int main(void) {
    void (*const ways[])(void) = {old_call, older_action, plain, with_information};
    for (unsigned i = 0; i < sizeof ways / sizeof *ways; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            ways[i]();
            _exit(5);
        }
        wait_for(child, "a child");
    }
    return 0;
}
