/* Does the break refuse to grow into a mapping that is in its way? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const start = sbrk(0);
    char* const aligned = start + (-(uintptr_t)start & (page - 1));
    syscall(SYS_brk, aligned);
    TRY_MAP(mmap(aligned + 4 * page, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    aligned[4 * page] = 'm';
    SHOW(syscall(SYS_brk, aligned + 8 * page) == (long)aligned);
    SHOW(syscall(SYS_brk, aligned + 2 * page) == (long)(aligned + 2 * page));
    SHOW(aligned[4 * page]);
    TRY(munmap(aligned + 4 * page, page));
    SHOW(syscall(SYS_brk, aligned + 8 * page) == (long)(aligned + 8 * page));
    SHOW(aligned[4 * page]);
    return 0;
}
