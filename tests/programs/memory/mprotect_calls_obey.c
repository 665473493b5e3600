/* Do calls obey a page's protection as the program itself has to? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const at = map_pages(2, PROT_READ | PROT_WRITE);
    memset(at, 'x', 2 * page);
    const int file = open_file(2 * page);
    TRY(mprotect(at + page, page, PROT_READ));
    TRY(pread(file, at + page, 10, 0));
    TRY(pread(file, at, 2 * page, 0)); /* as much as may be written */
    TRY(pwrite(file, at + page, 10, 0));
    TRY(mprotect(at + page, page, PROT_NONE));
    TRY(pwrite(file, at + page, 10, 0));
    TRY(pwrite(file, at, 2 * page, 0));
    return 0;
}
