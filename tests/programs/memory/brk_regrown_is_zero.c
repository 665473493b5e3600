/* Is memory zero again when the break comes back to where it was? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const start = sbrk(0);
    char* const aligned = start + (-(uintptr_t)start & (page - 1));
    for (int round = 0; round < 3; ++round) {
        syscall(SYS_brk, aligned + 64 * page);
        SHOW(all_bytes(aligned, 64 * page, 0));
        memset(aligned, 0xaa, 64 * page);
        syscall(SYS_brk, aligned);
    }
    return 0;
}
