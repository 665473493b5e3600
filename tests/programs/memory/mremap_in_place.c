/* Does mremap grow in place where there is room, refuse without MAYMOVE where there is none, and shrink in place? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(16, PROT_READ | PROT_WRITE);
    memset(area, 'x', 16 * page);
    TRY(munmap(area + 4 * page, 8 * page));
    SHOW(mremap(area, 4 * page, 8 * page, 0) == area);
    SHOW(all_bytes(area, 4 * page, 'x'));
    SHOW(all_bytes(area + 4 * page, 4 * page, 0));
    TRY_MAP(mremap(area, 8 * page, 13 * page, 0));
    SHOW(mremap(area, 8 * page, 12 * page, 0) == area);
    SHOW(mremap(area, 12 * page, 2 * page, 0) == area);
    FAULT(area, *(volatile char*)(area + 2 * page));
    SHOW(all_bytes(area, 2 * page, 'x'));
    SHOW(all_bytes(area + 12 * page, 4 * page, 'x'));
    return 0;
}
