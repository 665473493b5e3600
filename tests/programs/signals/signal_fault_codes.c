/* Which signal, code and address does each kind of wrong access raise? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(4, PROT_READ | PROT_WRITE);
    mprotect(area + page, page, PROT_READ);
    mprotect(area + 2 * page, page, PROT_NONE);
    munmap(area + 3 * page, page);
    FAULT(area, area[page + 5] = 1);
    FAULT(area, *(volatile char*)(area + 2 * page + 6));
    FAULT(area, *(volatile char*)(area + 3 * page + 7));
    FAULT(area, ((void (*)(void))(area + 3 * page))());
    FAULT(area, *(volatile int*)(area + page - 2) = 1); /* the address is the first byte that may not be written */
    FAULT(NULL, __asm__ volatile("ud2"));
    FAULT(NULL, __asm__ volatile("cli"));
    FAULT(NULL, __asm__ volatile("int $0x30"));
    FAULT(NULL, __asm__ volatile("mov %0, %%ds" ::"r"(0x1234)));
    FAULT(NULL, __asm__ volatile("int3"));
    FAULT(NULL, __asm__ volatile("mov $0, %%edx\n\tmov $1, %%eax\n\tmov $0, %%ecx\n\tdiv %%ecx" ::
                                     : "eax", "ecx", "edx"));
    FAULT(NULL, __asm__ volatile("mov %%cr0, %%eax" ::: "eax"));
    FAULT(NULL, __asm__ volatile("inb $0x60, %%al" ::: "eax"));
    return 0;
}
