/* What does a program hear of a window's size? By itself: that SIGWINCH ends nobody. With a number N: the size of its
   terminal, N times, each time but the first after SIGWINCH (tests/boot/terminal). */
#include "tests/programs/support/check.h"

#include <signal.h>
#include <sys/ioctl.h>

int main(int count, char** arguments) {
    if (count < 2) {
        SHOW(raise(SIGWINCH));
        return 0;
    }
    sigset_t changes;
    sigemptyset(&changes);
    sigaddset(&changes, SIGWINCH);
    sigprocmask(SIG_BLOCK, &changes, NULL);
    for (int left = atoi(arguments[1]);;) {
        struct winsize size = {0};
        ioctl(0, TIOCGWINSZ, &size);
        say("%d rows, %d columns", size.ws_row, size.ws_col);
        if (--left <= 0) {
            return 0;
        }
        sigwaitinfo(&changes, NULL);
    }
}
