/* Do x87 and SSE registers survive being preempted by others that use them, and start clean in a new program? */
#include "tests/programs/support/check.h"

static bool hold(double seed, long long until) {
    bool right = true;
    do {
        volatile double a = seed, b = seed * 2;
        double result;
        __asm__ volatile("fldl %1\n\tfldl %2\n\t"
                         "mov $100000, %%ecx\n"
                         "1: dec %%ecx\n\t"
                         "jnz 1b\n\t"
                         "faddp\n\tfstpl %0"
                         : "=m"(result)
                         : "m"(b), "m"(a)
                         : "ecx", "cc");
        right = right && result == seed * 3;
        unsigned low = 0, high = 0;
        const unsigned word = (unsigned)seed;
        __asm__ volatile("movd %2, %%xmm5\n\tmovd %3, %%xmm7\n\t"
                         "mov $100000, %%ecx\n"
                         "1: dec %%ecx\n\t"
                         "jnz 1b\n\t"
                         "movd %%xmm5, %0\n\tmovd %%xmm7, %1"
                         : "=&r"(low), "=&r"(high)
                         : "r"(word), "r"(~word)
                         : "ecx", "cc");
        right = right && low == word && high == ~word;
    } while (now() < until);
    return right;
}

int main(void) {
    unsigned short control = 0;
    unsigned mxcsr = 0;
    __asm__ volatile("fnstcw %0\n\tstmxcsr %1" : "=m"(control), "=m"(mxcsr));
    say("control word %#x, MXCSR %#x", control, mxcsr);
    enum { others = 4 };
    pid_t children[others];
    const long long until = now() + 300;
    for (int k = 0; k < others; ++k) {
        children[k] = fork();
        if (children[k] == 0) {
            _exit(hold(1000.0 * (k + 1), until) ? 0 : 1);
        }
    }
    for (int k = 0; k < others; ++k) {
        wait_for(children[k], "one that held its registers");
    }
    return 0;
}
