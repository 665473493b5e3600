/* What of that which a program shared with its maker does exec leave alone: descriptors, the working directory, the
 * word that is to become 0? And is being dumpable handed down by fork, and set again by exec? */
#include "tests/programs/support/check.h"

#include <sched.h>
#include <sys/prctl.h>

static char stack[16 * page] __attribute__((aligned(16)));

static int run_again(void* argument) {
    execl(self_path(), "programs", "exec_leaves_shared", argument, (char*)NULL);
    return 9;
}

int main(int count, char** arguments) {
    if (count > 1) {
        if (strcmp(arguments[1], "dumpable") == 0) {
            SHOW(prctl(PR_GET_DUMPABLE));
        }
        chdir("/tmp");
        umask(077);
        return 0;
    }
    const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    wait_for(clone(run_again, stack + sizeof stack, CLONE_FILES | CLONE_FS | SIGCHLD, "plain"), "sharing files");
    TRY(fcntl(file, F_GETFD));
    char directory[64];
    SHOW(strcmp(getcwd(directory, sizeof directory), "/tmp"));
    SHOW(umask(022));
    /* the word is cleared as the child leaves the memory, which is before it ends */
    static volatile pid_t word = 77;
    const pid_t child = clone(run_again, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_CHILD_CLEARTID | SIGCHLD,
                              "plain", NULL, NULL, &word);
    SHOW(word);
    wait_for(child, "with a word to clear");
    SHOW(prctl(PR_GET_DUMPABLE));
    TRY(prctl(PR_SET_DUMPABLE, 0));
    if (in_child()) {
        SHOW(prctl(PR_GET_DUMPABLE));
        exec_self("dumpable", NULL);
    }
    wait_child();
    SHOW(prctl(PR_GET_DUMPABLE));
    return 0;
}
