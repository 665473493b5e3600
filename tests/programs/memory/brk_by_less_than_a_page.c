/* What is there when the break moves by less than a page: is the page mapped whole, and kept until it is not needed at
 * all? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const start = sbrk(0);
    char* const aligned = start + (-(uintptr_t)start & (page - 1));
    syscall(SYS_brk, aligned);
    SHOW(syscall(SYS_brk, aligned + 1) == (long)(aligned + 1));
    FAULT(aligned, aligned[page - 1] = 'x'); /* past the break, but in its page */
    FAULT(aligned, aligned[page] = 'x');
    SHOW(syscall(SYS_brk, aligned + 100) == (long)(aligned + 100));
    SHOW(aligned[page - 1]);
    SHOW(syscall(SYS_brk, aligned + 1) == (long)(aligned + 1));
    SHOW(aligned[page - 1]); /* the page was never given back, so it was not zeroed */
    SHOW(syscall(SYS_brk, aligned) == (long)aligned);
    FAULT(aligned, aligned[0] = 'x');
    syscall(SYS_brk, aligned + 1);
    SHOW(aligned[page - 1]);
    return 0;
}
