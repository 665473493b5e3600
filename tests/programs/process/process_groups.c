/* Do setpgid, getpgid, setsid and getsid agree, and what do they refuse? */
#include "tests/programs/support/check.h"

int main(void) {
    if (in_child()) {
        SHOW(getpgid(0) == getpgrp());
        SHOW(getpgrp() == getpid());
        TRY(setpgid(0, 0));
        SHOW(getpgrp() == getpid());
        TRY(setpgid(0, -1));
        TRY(setpgid(1 << 30, 0));
        TRY(setsid()); /* a leader of a group may not */
        if (in_child()) {
            SHOW(getpgrp() == getppid());
            TRY_OK(setsid());
            SHOW(getsid(0) == getpid() && getpgrp() == getpid());
            TRY(setpgid(0, 0));
            return 0;
        }
        wait_child();
        TRY(getsid(1 << 30));
        TRY(getpgid(1 << 30));
        return 0;
    }
    wait_child();
    return 0;
}
