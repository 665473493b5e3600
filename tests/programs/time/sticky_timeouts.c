/* Do select and its kin tell what is left of a timeout, and not under STICKY_TIMEOUTS? */
#include "tests/programs/support/check.h"

#include <poll.h>
#include <sys/personality.h>
#include <sys/select.h>

static void wait_everywhere(void) {
    struct timeval left = {0, 10000};
    SHOW(syscall(SYS__newselect, 0, NULL, NULL, NULL, &left));
    SHOW(left.tv_usec);
    struct timespec finer = {0, 10000000};
    SHOW(syscall(SYS_ppoll, NULL, 0, &finer, NULL, 0));
    SHOW(finer.tv_nsec);
    finer = (struct timespec){0, 10000000};
    SHOW(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &finer, NULL));
    SHOW(finer.tv_nsec);
}

int main(void) {
    wait_everywhere();
    personality(STICKY_TIMEOUTS);
    wait_everywhere();
    return 0;
}
