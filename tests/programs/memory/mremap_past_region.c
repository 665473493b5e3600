/* May the old range of a mremap reach beyond its mapping? Where it shrinks at a fixed place, as far as that part goes.
 */
#include "tests/programs/support/check.h"

enum { move = MREMAP_MAYMOVE | MREMAP_FIXED };

static char* two_mappings(void) {
    char* const area = map_pages(8, PROT_READ | PROT_WRITE);
    memset(area, 'x', 8 * page);
    mprotect(area + 4 * page, 4 * page, PROT_READ);
    return area;
}

int main(void) {
    char* const target = map_pages(8, PROT_NONE);
    char* area = two_mappings();
    SHOW(mremap(area, 8 * page, 2 * page, move, target) == target);
    SHOW(all_bytes(target, 2 * page, 'x'));
    SHOW(mappings_in(area, 8 * page));
    FAULT(target, *(volatile char*)(target + 2 * page));
    area = two_mappings();
    TRY_MAP(mremap(area, 8 * page, 6 * page, move, target));
    SHOW(mappings_in(area, 8 * page));
    area = two_mappings();
    munmap(area + 5 * page, page);
    SINCE(6, 17, SHOW(mremap(area, 8 * page, 4 * page, move, target) == target),
          "mremap(area, 8 * page, 4 * page, move, target) == target: 1");
    SINCE(6, 17, SHOW(mappings_in(area, 8 * page)), "mappings_in(area, 8 * page): 0");
    area = two_mappings();
    SHOW(mremap(area, 8 * page, 2 * page, MREMAP_MAYMOVE) == area);
    SHOW(mappings_in(area, 8 * page));
    area = two_mappings();
    TRY_MAP(mremap(area, 8 * page, 8 * page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
    TRY_MAP(mremap(area, 8 * page, 10 * page, MREMAP_MAYMOVE));
    SHOW(all_bytes(area, 8 * page, 'x'));
    return 0;
}
