/* Do the calls that tell who a process is agree with one another? */
#include "tests/programs/support/check.h"

int main(void) {
    const pid_t self = getpid();
    SHOW(syscall(SYS_gettid) == self);
    SHOW(syscall(SYS_set_tid_address, &(int){0}) == self);
    SHOW(getuid() == geteuid() && getgid() == getegid());
    const pid_t parent = getpid();
    if (in_child()) {
        SHOW(getppid() == parent);
        SHOW(getpid() != parent);
        SHOW(syscall(SYS_gettid) == getpid());
        return 0;
    }
    wait_child();
    TRY(syscall(9999));
    TRY(syscall(-1));
    return 0;
}
