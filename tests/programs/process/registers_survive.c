/* Do all registers and flags survive calls, faults and being preempted, in many processes at once? */
#include "tests/programs/support/check.h"

static bool hold(unsigned seed, long long until) {
    unsigned wrong = 0;
    do {
        unsigned a = seed, b = seed + 1, d = seed + 3, s = seed + 4, i = seed + 5;
        __asm__ volatile("mov $200000, %%ecx\n"
                         "1: dec %%ecx\n"
                         "jnz 1b"
                         : "+a"(a), "+b"(b), "+d"(d), "+S"(s), "+D"(i)
                         :
                         : "ecx", "cc");
        wrong += (a != seed) + (b != seed + 1) + (d != seed + 3) + (s != seed + 4) + (i != seed + 5);
    } while (now() < until);
    return wrong == 0;
}

int main(void) {
    unsigned a = 0, b = 11, c = 12, d = 13, s = 14, i = 15;
    __asm__ volatile("mov $20, %%eax\n\tint $0x80" : "=a"(a), "+b"(b), "+c"(c), "+d"(d), "+S"(s), "+D"(i)::"memory");
    SHOW(a == (unsigned)getpid());
    SHOW(b == 11 && c == 12 && d == 13 && s == 14 && i == 15);
    unsigned flags = 0;
    __asm__ volatile("std\n\tmov $20, %%eax\n\tint $0x80\n\tpushf\n\tpop %0\n\tcld"
                     : "=r"(flags)::"eax", "memory", "cc");
    SHOW(flags >> 10 & 1);
    enum { others = 4 };
    pid_t children[others];
    const long long until = now() + 300;
    for (int k = 0; k < others; ++k) {
        children[k] = fork();
        if (children[k] == 0) {
            _exit(hold(1000U * (unsigned)(k + 1), until) ? 0 : 1);
        }
    }
    for (int k = 0; k < others; ++k) {
        wait_for(children[k], "one that held its registers");
    }
    return 0;
}
