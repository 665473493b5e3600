/* Does unmapping the middle, the head or the tail of a mapping leave the rest with its contents? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(10, PROT_READ | PROT_WRITE);
    for (int i = 0; i < 10; ++i) {
        memset(area + i * page, '0' + i, page);
    }
    TRY(munmap(area + 4 * page, 2 * page));
    FAULT(area, area[4 * page - 1] = '3');
    FAULT(area, area[4 * page] = 1);
    FAULT(area, area[6 * page - 1] = 1);
    FAULT(area, area[6 * page] = '6');
    TRY(munmap(area, page));
    TRY(munmap(area + 9 * page, page));
    FAULT(area, *(volatile char*)area);
    FAULT(area, *(volatile char*)(area + 9 * page));
    int wrong = 0;
    for (int i = 1; i < 9; ++i) {
        wrong += i != 4 && i != 5 && !all_bytes(area + i * page, page, '0' + i);
    }
    SHOW(wrong);
    return 0;
}
