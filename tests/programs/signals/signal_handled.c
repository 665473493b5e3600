/* Does a handler run, once a signal, with the right number, and does the program go on where it was? */
#include "tests/programs/support/check.h"

static volatile sig_atomic_t count, last;

static void handler(int number) {
    ++count;
    last = number;
}

int main(void) {
    signal(SIGUSR1, handler);
    for (int i = 0; i < 3; ++i) {
        TRY(raise(SIGUSR1));
    }
    SHOW(count);
    say("%s", signal_name(last));
    TRY(kill(getpid(), SIGUSR1));
    SHOW(count);
    struct sigaction action;
    TRY(sigaction(SIGUSR1, NULL, &action));
    SHOW(action.sa_handler == handler);
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
    SHOW(count);
    return 0;
}
