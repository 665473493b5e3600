/* How does a program end that is told its status, or the signal that is to kill it? The boot tests look at ./run's own
 * status. */
#include "tests/programs/support/check.h"

int main(int count, char** arguments) {
    if (count > 1 && strcmp(arguments[1], "SEGV") == 0) {
        *(volatile int*)8 = 1;
    }
    if (count > 1) {
        return atoi(arguments[1]);
    }
    if (in_child()) {
        return 0x1234;
    }
    wait_child();
    return 0;
}
