/* May handlers nest a hundred deep, and unwind each to where it was? */
#include "tests/programs/support/check.h"

static volatile int depth;
static volatile int sum;

static void handler(int number) {
    const int mine = ++depth;
    if (depth < 100) {
        raise(number);
    }
    sum += mine;
}

int main(void) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_NODEFER};
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    SHOW(depth);
    SHOW(sum);
    return 0;
}
