/* Does sigreturn with a forged frame end the program and not the machine? */
#include "tests/programs/support/check.h"

int main(void) {
    if (in_child()) {
        __asm__ volatile("mov $0x1000, %%esp\n\tmov %0, %%eax\n\tint $0x80" ::"i"(SYS_rt_sigreturn) : "memory");
    }
    wait_child();
    if (in_child()) {
        static unsigned words[512];
        memset(words, 0xff, sizeof words);
        __asm__ volatile("lea %0, %%esp\n\tmov %1, %%eax\n\tint $0x80" ::"m"(words[64]), "i"(SYS_sigreturn) : "memory");
    }
    wait_child();
    if (in_child()) {
        /* A frame that asks for kernel segments and privileged flags, were it believed. */
        static unsigned words[512];
        for (int i = 0; i < 512; ++i) {
            words[i] = 8;
        }
        __asm__ volatile("lea %0, %%esp\n\tmov %1, %%eax\n\tint $0x80" ::"m"(words[64]), "i"(SYS_sigreturn) : "memory");
    }
    wait_child();
    return 0;
}
