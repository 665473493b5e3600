/* Does code that is written to memory run there when it may be executed? */
#include "tests/programs/support/check.h"

static const unsigned char return_42[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov eax, 42; ret */

int main(void) {
    char* const code = map_pages(2, PROT_READ | PROT_WRITE | PROT_EXEC);
    memcpy(code, return_42, sizeof return_42);
    SHOW(((int (*)(void))code)());
    code[1] = 43;
    SHOW(((int (*)(void))code)());
    memcpy(code + page - 3, return_42, sizeof return_42); /* across the edge */
    SHOW(((int (*)(void))(code + page - 3))());
    TRY(mprotect(code, 2 * page, PROT_READ | PROT_EXEC));
    SHOW(((int (*)(void))code)());
    FAULT(code, code[0] = 1);
    TRY(mprotect(code, 2 * page, PROT_READ | PROT_WRITE));
    TRY(mprotect(code, 2 * page, PROT_READ | PROT_EXEC));
    SHOW(((int (*)(void))code)());
    return 0;
}
