/* Does a handler begin with a floating-point unit as a program does, and find the program its own again behind it? An
   exception that is pending comes to nobody but the program that raised it, whoever runs in between. */
#include "tests/programs/support/check.h"

#include <sched.h>

static unsigned short control(void) {
    unsigned short word;
    __asm__ volatile("fnstcw %0" : "=m"(word));
    return word;
}
static unsigned short status(void) {
    unsigned short word;
    __asm__ volatile("fnstsw %0" : "=m"(word));
    return word;
}

static void compute(int number) {
    double sum = 0;
    say("signal %d: control %#x, status %#x", number, control(), status());
    __asm__ volatile("fld1\n\tfld1\n\tfaddp\n\tfstpl %0" : "=m"(sum));
    SHOW(sum == 2);
}

/* 1 divided by 0, unmasked: the next instruction that waits for an exception raises it. */
static void divide_by_zero(void) {
    const unsigned short unmasked = 0x37b;
    __asm__ volatile("fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp" ::"m"(unmasked));
}

static void with_pending(const char* what, void (*act)(void)) {
    const pid_t child = fork();
    if (child == 0) {
        divide_by_zero();
        act();
        _exit(0);
    }
    int how = 0;
    waitpid(child, &how, 0);
    say("%s: %s %d", what, WIFSIGNALED(how) ? "signal" : "exit", WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how));
}

static void leave(void) {
    _exit(3);
}
static void wait_for_it(void) {
    __asm__ volatile("fwait");
}
static void yield_and_wait(void) {
    for (int i = 0; i < 20; ++i) {
        sched_yield();
    }
    __asm__ volatile("fwait");
}
static void handle(void) {
    signal(SIGUSR1, compute);
    raise(SIGUSR1);
    SHOW((status() & 0x84) == 0x84); /* what was pending is again */
    __asm__ volatile("fwait");
}
static void replace(void) {
    exec_self("again", NULL);
}

int main(int count, char** arguments) {
    (void)arguments;
    if (count == 2) {
        compute(0);
        return 7;
    }
    with_pending("ends", leave);
    with_pending("waits", wait_for_it);
    with_pending("another handler first", handle);
    with_pending("another program first", replace);
    pid_t children[3];
    for (int i = 0; i < 3; ++i) {
        children[i] = fork();
        if (children[i] == 0) {
            divide_by_zero();
            yield_and_wait();
            _exit(0);
        }
    }
    for (int i = 0; i < 3; ++i) {
        int how = 0;
        waitpid(children[i], &how, 0);
        SHOW(WIFSIGNALED(how) ? WTERMSIG(how) : 0);
    }
    return 0;
}
