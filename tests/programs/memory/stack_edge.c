/* Is a push just across a page's edge of the stack served like any other, and a first touch inside a call? */
#include "tests/programs/support/check.h"

int main(void) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t edge = (here - 64 * page) & -(uintptr_t)page;
    uint32_t popped = 0;
    /* pusha writes 32 bytes in one go, half on either side of the edge. */
    __asm__ volatile("mov %%esp, %%esi\n\t"
                     "lea 16(%1), %%esp\n\t"
                     "pushal\n\t"
                     "mov (%%esp), %0\n\t"
                     "popal\n\t"
                     "mov %%esi, %%esp"
                     : "=&a"(popped)
                     : "d"(edge)
                     : "esi", "memory", "cc");
    say("pushed across an edge");
    const int file = open_file(2 * page);
    char* const untouched = (char*)((here - 256 * page) & -(uintptr_t)page);
    TRY(read(file, untouched - 10, page + 20));
    SHOW(untouched[-10]);
    SHOW(untouched[page - 1]);
    return 0;
}
