/* How does an access near null end, and can it be told from one far away? */
#include "tests/programs/support/check.h"

int main(void) {
    FAULT(NULL, *(volatile int*)NULL);
    FAULT(NULL, *(volatile int*)4000 = 1);
    FAULT(NULL, ((void (*)(void))16)());
    FAULT(HIGH, *(volatile int*)HIGH);
    FAULT(HIGH, *(volatile int*)HIGH = 1);
    FAULT(NULL, __asm__ volatile("hlt"));
    return 0;
}
