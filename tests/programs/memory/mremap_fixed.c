/* Does MREMAP_FIXED put a mapping just where it is told, over what is there? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(16, PROT_READ | PROT_WRITE);
    memset(area, 'o', 16 * page);
    memset(area, 'x', 2 * page);
    SHOW(mremap(area, 2 * page, 3 * page, MREMAP_MAYMOVE | MREMAP_FIXED, area + 8 * page) == area + 8 * page);
    SHOW(all_bytes(area + 8 * page, 2 * page, 'x'));
    SHOW(all_bytes(area + 10 * page, page, 0));
    SHOW(all_bytes(area + 11 * page, 5 * page, 'o'));
    FAULT(area, *(volatile char*)area);
    SHOW(mremap(area + 12 * page, 2 * page, page, MREMAP_MAYMOVE | MREMAP_FIXED, area) == area);
    SHOW(all_bytes(area, page, 'o'));
    FAULT(area, *(volatile char*)(area + 12 * page));
    FAULT(area, *(volatile char*)(area + 13 * page));
    return 0;
}
