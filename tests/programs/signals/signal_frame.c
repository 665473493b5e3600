/* Does a handler see and change the interrupted registers through its context? */
#include "tests/programs/support/check.h"

#include <ucontext.h>

static volatile int seen;

static void handler(int number, siginfo_t* information, void* argument) {
    (void)number;
    (void)information;
    ucontext_t* const context = argument;
    seen = context->uc_mcontext.gregs[REG_EBX];
    context->uc_mcontext.gregs[REG_ESI] = 4321;
    context->uc_mcontext.gregs[REG_EIP] += 2; /* past ud2 */
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGILL, &action, NULL);
    int out = 0, other = 0;
    __asm__ volatile("mov $1234, %%ebx\n\tmov $99, %%edi\n\tud2\n\tmov %%esi, %0\n\tmov %%edi, %1"
                     : "=r"(out), "=r"(other)
                     :
                     : "ebx", "esi", "edi", "memory");
    SHOW(seen);
    SHOW(out);
    SHOW(other);
    return 0;
}
