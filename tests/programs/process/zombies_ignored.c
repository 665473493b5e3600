/* Do children vanish without a wait when SIGCHLD is ignored? */
#include "tests/programs/support/check.h"

int main(void) {
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 5; ++i) {
        if (fork() == 0) {
            _exit(i);
        }
    }
    TRY(wait(NULL)); /* only when the last is gone */
    signal(SIGCHLD, SIG_DFL);
    if (in_child()) {
        return 2;
    }
    wait_child();
    return 0;
}
