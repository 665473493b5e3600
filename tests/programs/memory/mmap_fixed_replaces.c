/* Does MAP_FIXED replace just the pages it covers, and leave those beside them as they were? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(8, PROT_READ | PROT_WRITE);
    memset(area, 'o', 8 * page);
    char* const middle = mmap(area + 2 * page, 3 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    SHOW(middle == area + 2 * page);
    SHOW(all_bytes(area, 2 * page, 'o'));
    SHOW(all_bytes(middle, 3 * page, 0));
    SHOW(all_bytes(area + 5 * page, 3 * page, 'o'));
    FAULT(area, middle[0] = 1);
    FAULT(area, area[5 * page] = 1);
    say("before %s, in it %s, behind it %s", mapped_as(area), mapped_as(middle), mapped_as(area + 7 * page));
    return 0;
}
