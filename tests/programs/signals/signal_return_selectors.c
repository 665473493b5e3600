/* What becomes of segment selectors that name nothing, when a handler puts them where sigreturn finds them? */
#include "tests/programs/support/check.h"

#include <ucontext.h>

enum { nothing = 0xfff3 };

static int which;

static void set_selector(int number, siginfo_t* information, void* context) {
    (void)number;
    (void)information;
    ((ucontext_t*)context)->uc_mcontext.gregs[which] = nothing;
}

/* A null selector may have any privilege: Linux before 6.15 gave it that of ring 3. */
static const char* kept(unsigned selector) {
    return (selector & ~3U) != 0 ? "kept" : "null";
}

/* Sends itself a signal, whose handler changes one selector, and reads all four before anybody else does. */
static void change(int selector, const char* name) {
    which = selector;
    unsigned gs, fs, es, ds;
    __asm__ volatile("push %%gs\n\tpush %%fs\n\t"
                     "int $0x80\n\t"
                     "mov %%gs, %0\n\tmov %%fs, %1\n\tmov %%es, %2\n\tmov %%ds, %3\n\t"
                     "pop %%fs\n\tpop %%gs\n\t"
                     "push %%ss\n\tpop %%ds\n\tpush %%ss\n\tpop %%es"
                     : "=&S"(gs), "=&D"(fs), "=&d"(es), "=&a"(ds)
                     : "3"(SYS_kill), "b"(getpid()), "c"(SIGUSR1)
                     : "memory");
    say("%s: gs %s, fs %s, es %s, ds %s", name, kept(gs), kept(fs), kept(es), kept(ds));
}

int main(void) {
    const struct sigaction action = {.sa_sigaction = set_selector, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    change(REG_GS, "gs");
    change(REG_FS, "fs");
    change(REG_ES, "es");
    change(REG_DS, "ds");
    for (int selector = REG_CS; selector == REG_CS || selector == REG_SS; selector += REG_SS - REG_CS) {
        if (in_child()) {
            change(selector, "never printed");
            return 0;
        }
        wait_child();
    }
    return 0;
}
