/* Does the break move to any byte, up and down, and is what it gains zero and what it loses gone? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const start = sbrk(0);
    char* const aligned = start + (-(uintptr_t)start & (page - 1));
    SHOW(syscall(SYS_brk, aligned + 3 * page) == (long)(aligned + 3 * page));
    SHOW(all_bytes(aligned, 3 * page, 0));
    memset(aligned, 'x', 3 * page);
    SHOW(syscall(SYS_brk, aligned + page) == (long)(aligned + page));
    FAULT(aligned, *(volatile char*)(aligned + page - 1));
    FAULT(aligned, *(volatile char*)(aligned + page));
    FAULT(aligned, *(volatile char*)(aligned + 2 * page) = 1);
    return 0;
}
