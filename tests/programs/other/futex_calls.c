/* What does a futex answer where the value is another, nobody waits, or time runs out, and does waking wake? */
#include "tests/programs/support/check.h"

#include <linux/futex.h>
#include <time.h>

static long futex(volatile int* word, int operation, int value, const struct timespec* timeout) {
    return syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

int main(void) {
    volatile int* const word = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const struct timespec short_time = {0, 20000000}, wrong = {0, -1};
    TRY(futex(word, FUTEX_WAIT, 1, NULL));
    TRY(futex(word, FUTEX_WAKE, 1, NULL));
    TRY(futex(word, FUTEX_WAIT, 0, &short_time));
    TRY(futex(word, FUTEX_WAIT, 0, &wrong));
    TRY(futex((volatile int*)((char*)word + 1), FUTEX_WAIT, 0, NULL));
    TRY(futex(word, 77, 0, NULL));
    const pid_t child = fork();
    if (child == 0) {
        while (word[0] == 0) {
            futex(word, FUTEX_WAIT, 0, NULL);
        }
        word[1] = 5;
        futex(word + 1, FUTEX_WAKE, 1, NULL);
        _exit(word[0]);
    }
    word[0] = 7;
    SHOW(futex(word, FUTEX_WAKE, 100, NULL) <= 1);
    while (word[1] == 0) {
        futex(word + 1, FUTEX_WAIT, 0, NULL);
    }
    SHOW(word[1]);
    wait_for(child, "child");
    return 0;
}
