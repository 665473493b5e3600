/* Do the flags that ring 3 may set and that mean nothing there (NT, ID) stay as they are in a handler and behind it? */
#include "tests/programs/support/check.h"

enum { nested_task = 1 << 14, identification = 1 << 21, direction = 1 << 10, both = nested_task | identification };

static unsigned long flags(void) {
    unsigned long all;
    __asm__ volatile("pushf\n\tpop %0" : "=r"(all)::"memory");
    return all;
}

static void set_flags(unsigned long wanted) {
    __asm__ volatile("push %0\n\tpopf" ::"r"(wanted) : "memory", "cc");
}

static void show(const char* when) {
    const unsigned long now = flags();
    say("%s: NT %d, ID %d, DF %d", when, (now & nested_task) != 0, (now & identification) != 0, (now & direction) != 0);
}

static void handler(int number) {
    (void)number;
    show("in the handler");
    set_flags(flags() ^ both);
}

int main(void) {
    signal(SIGUSR1, handler);
    set_flags(flags() & ~both);
    show("at first");
    raise(SIGUSR1);
    show("after a handler that set them");
    raise(SIGUSR1);
    show("after a handler that cleared them");
    set_flags(flags() | nested_task);
    if (fork() == 0) {
        show("in a child");
        _exit(0);
    }
    wait(NULL);
    return 0;
}
