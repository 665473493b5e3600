/* Does MREMAP_DONTUNMAP move the pages and leave an empty mapping where they were? */
#include "tests/programs/support/check.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

int main(void) {
    char* const area = map_pages(4, PROT_READ | PROT_WRITE);
    memset(area, 'x', 4 * page);
    TRY_MAP(mremap(area, 4 * page, 5 * page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
    TRY_MAP(mremap(area, 4 * page, 4 * page, MREMAP_DONTUNMAP));
    char* const moved = TRY_MAP(mremap(area, 4 * page, 4 * page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
    SHOW(moved != area);
    SHOW(all_bytes(moved, 4 * page, 'x'));
    SHOW(all_bytes(area, 4 * page, 0));
    FAULT(area, area[0] = 'y');
    SHOW(moved[0]);
    return 0;
}
