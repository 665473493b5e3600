/* Does unshare give a clone descriptors, a working directory and a mask of its own again, and refuse what it cannot? */
#include "tests/programs/support/check.h"

#include <sched.h>
#include <sys/stat.h>

static int child_main(void* argument) {
    TRY(unshare(CLONE_FILES | CLONE_FS));
    TRY(close(*(int*)argument));
    TRY(chdir("/tmp"));
    umask(077);
    return 0;
}

int main(void) {
    static char stack[16 * page] __attribute__((aligned(16)));
    char where[64];
    int file = open_file(0);
    TRY(chdir("/"));
    umask(022);
    const pid_t child = clone(child_main, stack + sizeof stack, CLONE_FILES | CLONE_FS | SIGCHLD, &file);
    wait_for(child, "unshared");
    TRY(fcntl(file, F_GETFD));
    say("in %s, mask %o", getcwd(where, sizeof where), umask(0));
    TRY(unshare(0));
    TRY(unshare(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM));
    TRY(unshare(CLONE_VFORK));
    TRY(unshare(CLONE_PARENT | CLONE_FILES));
    TRY(unshare(1));
    return 0;
}
