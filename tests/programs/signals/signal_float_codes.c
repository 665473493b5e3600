/* Which code does each kind of floating-point exception raise, once it is not masked any more? */
#include "tests/programs/support/check.h"

static sigjmp_buf after;
static volatile int code_raised;
static void* volatile place;

static void note(int number, siginfo_t* information, void* context) {
    (void)number;
    (void)context;
    code_raised = information->si_code;
    place = information->si_addr;
    siglongjmp(after, 1);
}

/* Runs x87 instructions with the exceptions in `unmasked` enabled, and prints the code they raised. What waits for the
   exception is the FWAIT behind them. An exception that stays pending would come back: FNINIT drops it. */
#define X87(unmasked, instructions)                                                                                    \
    do {                                                                                                               \
        const unsigned short control = 0x37f & ~(unmasked);                                                            \
        code_raised = 0, place = NULL;                                                                                 \
        if (sigsetjmp(after, 1) == 0) {                                                                                \
            __asm__ volatile("fninit\n\tfldcw %0\n\t" instructions "\n\tfwait" ::"m"(control));                        \
        }                                                                                                              \
        __asm__ volatile("fninit");                                                                                    \
        say("%s, unmasked %d: code %d, %s", instructions, unmasked, code_raised,                                       \
            place != NULL ? "somewhere" : "none");                                                                     \
    } while (0)

int main(void) {
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    sigaction(SIGFPE, &action, NULL);
    X87(0, "fld1; fldz; fdivrp");
    X87(4, "fld1; fldz; fdivrp");
    X87(1, "fldz; fldz; fdivrp");
    X87(5, "fld1; fldz; fdivrp");
    SHOW(FPE_FLTDIV);
    SHOW(FPE_FLTINV);
    return 0;
}
