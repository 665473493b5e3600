/* Do handlers run on the stack that sigaltstack set, tell so, and what does sigaltstack refuse? */
#include "tests/programs/support/check.h"

static char stack[4 * page];
static volatile bool on_it;
static volatile int flags, changed;

static void handler(int number) {
    (void)number;
    char here;
    on_it = &here >= stack && &here < stack + sizeof stack;
    stack_t current;
    sigaltstack(NULL, &current);
    flags = current.ss_flags;
    const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    changed = sigaltstack(&other, NULL) == 0 ? 0 : errno;
}

int main(void) {
    stack_t set = {.ss_sp = stack, .ss_size = sizeof stack}, old;
    TRY(sigaltstack(&set, &old));
    SHOW(old.ss_flags == SS_DISABLE);
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    SHOW(on_it);
    SHOW(flags == SS_ONSTACK);
    say("changed within: %s", error_name(changed));
    action.sa_flags = 0;
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    SHOW(on_it);
    SHOW(flags);
    set.ss_size = 100;
    TRY(sigaltstack(&set, NULL));
    set.ss_size = sizeof stack;
    set.ss_flags = 77;
    TRY(sigaltstack(&set, NULL));
    TRY(syscall(SYS_sigaltstack, WILD, NULL));
    set.ss_flags = SS_DISABLE;
    TRY(sigaltstack(&set, &old));
    SHOW(old.ss_sp == stack && old.ss_size == sizeof stack);
    return 0;
}
