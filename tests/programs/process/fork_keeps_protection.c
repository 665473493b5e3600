/* Does a child inherit protections as they were, and change them for itself alone? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(3, PROT_READ | PROT_WRITE);
    memset(area, 'x', 3 * page);
    mprotect(area + page, page, PROT_READ);
    mprotect(area + 2 * page, page, PROT_NONE);
    if (in_child()) {
        FAULT(area, area[page] = 1);
        FAULT(area, *(volatile char*)(area + 2 * page));
        TRY(mprotect(area, 3 * page, PROT_READ | PROT_WRITE));
        FAULT(area, area[page] = 1);
        SHOW(area[2 * page]);
        TRY(munmap(area, page));
        return 0;
    }
    wait_child();
    FAULT(area, area[0] = 'y');
    FAULT(area, area[page] = 1);
    FAULT(area, *(volatile char*)(area + 2 * page));
    return 0;
}
