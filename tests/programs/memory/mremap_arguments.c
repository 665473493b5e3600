/* Which arguments does mremap refuse? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(8, PROT_READ | PROT_WRITE);
    TRY_MAP(mremap(area + 1, page, 2 * page, MREMAP_MAYMOVE));
    TRY_MAP(mremap(area, page, 0, MREMAP_MAYMOVE));
    TRY_MAP(mremap(area, page, page, 0x80));
    TRY_MAP(mremap(area, page, page, MREMAP_FIXED, area + 4 * page));
    TRY_MAP(mremap(area, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, area + page));
    TRY_MAP(mremap(area, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, area + 4 * page + 1));
    TRY_MAP(mremap(area, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, HIGH));
    TRY(munmap(area + 4 * page, 4 * page));
    TRY_MAP(mremap(area + 4 * page, page, 2 * page, MREMAP_MAYMOVE));
    TRY_MAP(mremap(area, 6 * page, 8 * page, MREMAP_MAYMOVE));
    TRY_MAP(mremap(area, 0, 2 * page, MREMAP_MAYMOVE)); /* a copy of a mapping that is not shared */
    SHOW(area[0]);
    return 0;
}
