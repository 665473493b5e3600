/* Does clone in its process forms share or copy memory and files, and tell its parent the child's number? */
#include "tests/programs/support/check.h"

#include <sched.h>

static volatile int value;

static int child_main(void* argument) {
    value = 7;
    close(*(int*)argument);
    return 9;
}

int main(void) {
    static char stack[16 * page] __attribute__((aligned(16)));
    int file = open_file(0);
    pid_t child = clone(child_main, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &file);
    SHOW(value);
    wait_for(child, "shared memory");
    TRY(fcntl(file, F_GETFD));
    value = 0;
    child = clone(child_main, stack + sizeof stack, CLONE_FILES | SIGCHLD, &file);
    wait_for(child, "shared files");
    SHOW(value);
    TRY(fcntl(file, F_GETFD));
    pid_t told = 0, cleared = 1;
    child =
        (pid_t)syscall(SYS_clone, CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, &told, NULL, &cleared);
    if (child == 0) {
        _exit(3);
    }
    SHOW(told == child);
    wait_for(child, "told");
    SHOW(cleared);
    TRY(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, NULL, NULL, NULL, NULL));
    TRY(syscall(SYS_clone, CLONE_THREAD | SIGCHLD, NULL, NULL, NULL, NULL));
    return 0;
}
