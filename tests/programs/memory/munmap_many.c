/* Does one munmap take many mappings of all kinds, with the holes between them? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(64, PROT_READ | PROT_WRITE);
    memset(area, 'x', 64 * page);
    const int file = open_file(4 * page);
    for (int i = 0; i < 64; i += 4) {
        munmap(area + i * page, page);
        mprotect(area + (i + 1) * page, page, PROT_READ);
        mmap(area + (i + 2) * page, page, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);
    }
    SHOW(area[2 * page]);
    SHOW(area[3 * page]);
    TRY(munmap(area + page, 62 * page));
    SHOW(mappings_in(area, 63 * page));
    FAULT(area, *(volatile char*)(area + 2 * page));
    FAULT(area, *(volatile char*)(area + 63 * page));
    return 0;
}
