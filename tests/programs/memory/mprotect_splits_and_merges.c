/* Do mappings split when a part is protected otherwise, and merge when it is protected as before? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(12, PROT_NONE);
    char* const middle = area + 2 * page;
    TRY(mprotect(middle, 8 * page, PROT_READ | PROT_WRITE));
    memset(middle, 'x', 8 * page);
    SHOW(mappings_in(middle, 8 * page));
    TRY(mprotect(middle + 3 * page, 2 * page, PROT_READ));
    SHOW(mappings_in(middle, 8 * page));
    FAULT(middle, middle[3 * page - 1] = 1);
    FAULT(middle, middle[3 * page] = 1);
    FAULT(middle, middle[5 * page - 1] = 1);
    FAULT(middle, middle[5 * page] = 1);
    TRY(mprotect(middle + 3 * page, 2 * page, PROT_READ | PROT_WRITE));
    SHOW(mappings_in(middle, 8 * page));
    FAULT(middle, middle[3 * page] = 1);
    SHOW(all_bytes(middle + 6 * page, 2 * page, 'x'));
    return 0;
}
