/* What stops a write to the program's own text, by the program and through a call? */
#include "tests/programs/support/check.h"

static const char constant[] = "constant";

int main(void) {
    FAULT(main, *(volatile char*)main = 0);
    FAULT(constant, *(volatile char*)constant = 0);
    const int file = open_file(page);
    TRY(read(file, main, 10));
    TRY(read(file, (void*)constant, 4));
    SHOW(constant[0]);
    TRY(mprotect((void*)((uintptr_t)main & -(uintptr_t)page), page, PROT_READ | PROT_WRITE | PROT_EXEC));
    volatile unsigned char* const code = (volatile unsigned char*)main;
    const unsigned char first = *code;
    FAULT(code, *code = first);
    return 0;
}
