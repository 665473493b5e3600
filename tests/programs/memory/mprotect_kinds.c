/* What may be done to a page under each protection, and with which code is the rest refused? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const at = map_pages(1, PROT_READ | PROT_WRITE);
    *at = 'x';
    TRY(mprotect(at, page, PROT_NONE));
    FAULT(at, *(volatile char*)at);
    FAULT(at, *(volatile char*)at = 1);
    TRY(mprotect(at, page, PROT_READ));
    FAULT(at, *(volatile char*)at);
    FAULT(at, *(volatile char*)at = 1);
    TRY(mprotect(at, page, PROT_WRITE)); /* i386 has no page that can be written and not read */
    FAULT(at, *(volatile char*)at);
    FAULT(at, *(volatile char*)at = 'y');
    TRY(mprotect(at, page, PROT_READ | PROT_WRITE));
    SHOW(*at);
    return 0;
}
