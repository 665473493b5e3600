/* Does vfork's child run first, on the parent's own memory, and the parent after it is gone? */
#include "tests/programs/support/check.h"

static volatile int shared;

int main(void) {
    const pid_t child = vfork();
    if (child == 0) {
        shared = 42;
        _exit(5);
    }
    SHOW(shared);
    wait_for(child, "child");
    const pid_t second = vfork();
    if (second == 0) {
        execl("/nowhere", "nowhere", (char*)NULL);
        shared = errno;
        _exit(6);
    }
    say("exec in the child: %s", error_name(shared));
    wait_for(second, "child");
    return 0;
}
