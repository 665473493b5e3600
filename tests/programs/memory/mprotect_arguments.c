/* Which arguments does mprotect refuse, and does it change what lies before a hole? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(6, PROT_READ | PROT_WRITE);
    TRY(mprotect(area + 1, page, PROT_READ));
    TRY(mprotect(area, 0, PROT_READ));
    TRY(mprotect(area, page, 0x100));
    TRY(mprotect(area, page, PROT_GROWSDOWN | PROT_READ));
    TRY(mprotect(area, page, PROT_GROWSDOWN | PROT_GROWSUP | PROT_READ));
    TRY(munmap(area + 3 * page, page));
    TRY(mprotect(area, 6 * page, PROT_READ));
    FAULT(area, area[0] = 1);
    FAULT(area, area[5 * page] = 1);
    TRY(mprotect(area + 3 * page, page, PROT_READ));
    TRY(mprotect(HIGH, page, PROT_READ));
    return 0;
}
