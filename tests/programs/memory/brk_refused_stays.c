/* What does brk answer where it cannot do what is asked: too far up, and below the heap's start? */
#include "tests/programs/support/check.h"

int main(void) {
    const long at = syscall(SYS_brk, 0);
    SHOW(syscall(SYS_brk, 0) == at);
    SHOW(syscall(SYS_brk, 1) == at);
    SHOW(syscall(SYS_brk, 0x1000) == at);
    SHOW(syscall(SYS_brk, main) == at);
    SHOW(syscall(SYS_brk, 0xfffff000) == at);
    SHOW(syscall(SYS_brk, 0xffffffff) == at);
    SHOW(syscall(SYS_brk, 0) == at);
    return 0;
}
