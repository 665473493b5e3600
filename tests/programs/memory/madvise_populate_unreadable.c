/* What does populating say to memory that may not be read or written, and is advice about merging pages taken? */
#include "tests/programs/support/check.h"

#include <linux/mman.h> /* MADV_POPULATE_READ, which musl does not have */

int main(void) {
    char* const area = map_pages(8, PROT_NONE);
    mprotect(area + page, page, PROT_READ);
    mprotect(area + 2 * page, page, PROT_WRITE);
    mprotect(area + 3 * page, page, PROT_EXEC);
    mprotect(area + 4 * page, page, PROT_READ | PROT_WRITE);
    for (int i = 0; i < 5; ++i) {
        TRY(madvise(area + i * page, page, MADV_POPULATE_READ));
        TRY(madvise(area + i * page, page, MADV_POPULATE_WRITE));
    }
    TRY(madvise(area, 5 * page, MADV_POPULATE_READ));
    munmap(area + 5 * page, page);
    TRY(madvise(area + 4 * page, 2 * page, MADV_POPULATE_READ));
    TRY(madvise(area, 5 * page, MADV_MERGEABLE));
    TRY(madvise(area, 5 * page, MADV_UNMERGEABLE));
    TRY(madvise(area, 8 * page, MADV_MERGEABLE));
    return 0;
}
