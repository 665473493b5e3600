/* Do calls write into heap that was never touched, and refuse heap that was just given back? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const start = sbrk(0);
    char* const aligned = start + (-(uintptr_t)start & (page - 1));
    syscall(SYS_brk, aligned + 4 * page);
    const int file = open_file(4 * page);
    TRY(read(file, aligned + 100, 2 * page));
    SHOW(aligned[100]);
    SHOW(aligned[100 + page]);
    SHOW(aligned[99]);
    syscall(SYS_brk, aligned + page);
    TRY(pread(file, aligned + page, 100, 0));
    TRY(pread(file, aligned + page - 10, 100, 0)); /* ten bytes fit */
    TRY(pwrite(file, aligned + 2 * page, 100, 0));
    return 0;
}
