/* Does the old mmap, which takes its arguments from memory, do the same, and refuse a wild block of arguments? */
#include "tests/programs/support/check.h"

int main(void) {
    unsigned long block[6] = {0, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, (unsigned long)-1, 0};
    char* const start = TRY_MAP((void*)syscall(SYS_mmap, block));
    FAULT(start, start[2 * page - 1] = 1);
    TRY(syscall(SYS_mmap, WILD));
    block[5] = 1;
    TRY(syscall(SYS_mmap, block));
    block[5] = 0;
    block[1] = 0;
    TRY(syscall(SYS_mmap, block));
    return 0;
}
