/* Which advice and which ranges does madvise refuse? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(6, PROT_READ | PROT_WRITE);
    memset(area, 'x', 6 * page);
    TRY(madvise(area + 1, page, MADV_DONTNEED));
    TRY(madvise(area, page, 12345));
    TRY(madvise(area, page, -1));
    TRY(madvise(area, 0, MADV_DONTNEED));
    TRY(madvise(area, 0, 12345));
    TRY(madvise(area, 0xffffffff, MADV_DONTNEED));
    TRY(munmap(area + 2 * page, page));
    TRY(madvise(area, 6 * page, MADV_DONTNEED)); /* a hole is told of, and passed over */
    SHOW(area[0] + area[3 * page]);
    TRY(madvise(area + 2 * page, page, MADV_WILLNEED));
    TRY(madvise(area, page, MADV_NORMAL));
    TRY(madvise(area, page, MADV_RANDOM));
    TRY(madvise(area, page, MADV_SEQUENTIAL));
    TRY(madvise(area, page, MADV_WILLNEED));
    TRY(madvise(area, page, MADV_REMOVE)); /* not of a file */
    return 0;
}
