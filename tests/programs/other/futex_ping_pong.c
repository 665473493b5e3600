/* Do two processes hand a turn to and fro by futex a thousand times, losing none? */
#include "tests/programs/support/check.h"

#include <linux/futex.h>

static void wait_turn(volatile int* turn, int mine) {
    int now_it_is;
    while ((now_it_is = __atomic_load_n(turn, __ATOMIC_SEQ_CST)) != mine) {
        syscall(SYS_futex, turn, FUTEX_WAIT, now_it_is, NULL, NULL, 0);
    }
}

static void pass(volatile int* turn, int to) {
    __atomic_store_n(turn, to, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

int main(void) {
    volatile int* const shared = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (in_child()) {
        for (int i = 0; i < 1000; ++i) {
            wait_turn(shared, 1);
            ++shared[1];
            pass(shared, 0);
        }
        return 0;
    }
    int wrong = 0;
    for (int i = 0; i < 1000; ++i) {
        pass(shared, 1);
        wait_turn(shared, 0);
        wrong += shared[1] != i + 1;
    }
    SHOW(wrong);
    wait_child();
    return 0;
}
