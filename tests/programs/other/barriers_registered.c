/* Does membarrier want to be told before it serves one's own process? */
#include "tests/programs/support/check.h"

#include <linux/membarrier.h>

static long barrier(int command) {
    return syscall(SYS_membarrier, command, 0, 0);
}

int main(int count, char** arguments) {
    (void)arguments;
    TRY(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
    if (count > 1) {
        return 0;
    }
    TRY(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED));
    TRY(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED));
    TRY(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
    if (in_child()) {
        TRY(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
        exec_self("after", NULL);
    }
    wait_child();
    TRY(barrier(MEMBARRIER_CMD_GLOBAL));
    TRY(barrier(1 << 30));
    return 0;
}
