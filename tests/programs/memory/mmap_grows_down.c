/* Does a MAP_GROWSDOWN mapping grow when the page below it is touched, and stop where another mapping is near? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(1024, PROT_NONE);
    TRY(munmap(area, 1024 * page));
    char* const low = mmap(area, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    char* const high = mmap(area + 1000 * page, 2 * page, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
    SHOW(low == area && high == area + 1000 * page);
    FAULT(high, high[-1] = 'x');
    FAULT(high, high[-20 * page] = 'x');
    SHOW(high[-1]);
    FAULT(low, low[page] = 'x'); /* nearer to the mapping below than the guard gap lets it come */
    return 0;
}
