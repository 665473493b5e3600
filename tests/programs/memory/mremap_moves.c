/* Does mremap move contents, leave nothing behind, and give zeroes in what is new? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(8, PROT_READ | PROT_WRITE);
    for (int i = 0; i < 8; ++i) {
        memset(area + i * page, '0' + i, page);
    }
    char* const moved = TRY_MAP(mremap(area + 2 * page, 2 * page, 64 * page, MREMAP_MAYMOVE));
    SHOW(moved != area + 2 * page);
    SHOW(all_bytes(moved, page, '2'));
    SHOW(all_bytes(moved + page, page, '3'));
    SHOW(all_bytes(moved + 2 * page, 62 * page, 0));
    FAULT(area, *(volatile char*)(area + 2 * page));
    SHOW(all_bytes(area + page, page, '1'));
    SHOW(all_bytes(area + 4 * page, page, '4'));
    return 0;
}
