/* Which status does a parent see for each way to end? */
#include "tests/programs/support/check.h"

int main(void) {
    static const int faults[] = {SIGTERM, SIGKILL, SIGABRT, SIGUSR1, SIGALRM, SIGHUP};
    for (int way = 0; way < 6; ++way) {
        if (in_child()) {
            kill(getpid(), faults[way]);
            return 0;
        }
        wait_child();
    }
    if (in_child()) {
        syscall(SYS_exit, -1);
    }
    wait_child();
    if (in_child()) {
        syscall(SYS_exit_group, 0x1234);
    }
    wait_child();
    if (in_child()) {
        abort();
    }
    wait_child();
    if (in_child()) {
        *(volatile int*)8 = 0;
    }
    wait_child();
    if (in_child()) {
        volatile int zero = 0;
        return 7 / zero;
    }
    wait_child();
    if (in_child()) {
        __asm__ volatile("ud2");
    }
    wait_child();
    if (in_child()) {
        __asm__ volatile("int3");
    }
    wait_child();
    return 0;
}
