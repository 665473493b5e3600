/* Does MAP_FIXED_NOREPLACE refuse any overlap, by as little as a page? */
#include "tests/programs/support/check.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

int main(void) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    char* const area = map_pages(8, PROT_READ | PROT_WRITE);
    memset(area, 'o', 8 * page);
    TRY(munmap(area + 2 * page, 4 * page));
    TRY_MAP(mmap(area + page, 2 * page, PROT_READ, flags, -1, 0));
    TRY_MAP(mmap(area + 5 * page, 2 * page, PROT_READ, flags, -1, 0));
    TRY_MAP(mmap(area, page, PROT_READ, flags, -1, 0));
    SHOW(all_bytes(area, 2 * page, 'o'));
    SHOW(mmap(area + 2 * page, 4 * page, PROT_READ, flags, -1, 0) == area + 2 * page);
    return 0;
}
