/* What ends a program whose SIGSEGV is blocked or ignored when it faults? */
#include "tests/programs/support/check.h"

static void handler(int number) {
    (void)number;
    say("the handler ran");
    _exit(1);
}

int main(void) {
    if (in_child()) {
        signal(SIGSEGV, SIG_IGN);
        *(volatile char*)8 = 1;
    }
    wait_child();
    if (in_child()) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGSEGV);
        signal(SIGSEGV, handler);
        sigprocmask(SIG_BLOCK, &set, NULL);
        *(volatile char*)8 = 1;
    }
    wait_child();
    if (in_child()) {
        signal(SIGSEGV, SIG_IGN);
        raise(SIGSEGV); /* sent, not caused: ignored */
        return 4;
    }
    wait_child();
    return 0;
}
