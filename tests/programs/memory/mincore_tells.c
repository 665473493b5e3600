/* Does mincore tell touched from untouched pages, and what does it refuse? */
#include "tests/programs/support/check.h"

int main(void) {
    unsigned char in[8];
    char* const area = map_pages(8, PROT_READ | PROT_WRITE);
    area[page] = 1;
    area[5 * page] = 1;
    TRY(mincore(area, 8 * page, in));
    for (int i = 0; i < 8; ++i) {
        say("page %d: %d", i, in[i] & 1);
    }
    TRY(mincore(area + 1, page, in));
    TRY(mincore(area, 0, in));
    TRY(mincore(area, 1, in));
    TRY(mincore(area, page, WILD));
    TRY(munmap(area + 6 * page, page));
    TRY(mincore(area, 8 * page, in));
    TRY(mincore(HIGH, page, in));
    TRY(mincore(area, 0xffffffff, in));
    return 0;
}
