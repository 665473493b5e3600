/* What are a program's flags after an instruction that faults while it rotates through the carry? An emulator may then
   say that far more of them were set than there are: privilege, another mode. */
#include "tests/programs/support/check.h"

enum { privilege = 3 << 12, virtual_mode = 1 << 17 };

/* ADD leaves `operand` as what the flags are computed from; in the block behind the jump nothing says any more which
   part of it is meant. Returns the flags behind it. */
static unsigned long rotate_at(char* place, unsigned long operand) {
    unsigned long flags;
    __asm__ volatile("mov $1f, %%ecx\n\t"
                     "add $0, %%eax\n\t"
                     "jmp *%%ecx\n"
                     "1:\trol $8, %%esi\n\t"
                     "rcll $1, (%%edi)\n\t"
                     "pushf\n\t"
                     "pop %%eax"
                     : "=a"(flags)
                     : "D"(place), "a"(operand)
                     : "ecx", "esi", "memory", "cc");
    return flags;
}

int main(void) {
    for (int bit = 0; bit < 32; ++bit) {
        if (bit >= 8 && bit <= 18 && bit != 12 && bit != 13 && bit != 17) {
            continue; /* those a program may have: the emulator's word is all there is */
        }
        char* const fresh = map_pages(1, PROT_READ | PROT_WRITE);
        const unsigned long flags = rotate_at(fresh, 1UL << bit);
        say("bit %d: privilege %lu, mode %lu", bit, flags & privilege, flags & virtual_mode);
    }
    char* const forbidden = map_pages(1, PROT_READ);
    FAULT(forbidden, rotate_at(forbidden, 1UL << 17));
    return 0;
}
