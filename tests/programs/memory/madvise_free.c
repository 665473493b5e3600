/* May memory advised FREE be read and written, and does it hold either the old or zero? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const own = map_pages(4, PROT_READ | PROT_WRITE);
    memset(own, 'x', 4 * page);
    TRY(madvise(own, 4 * page, MADV_FREE));
    SHOW(own[0] == 'x' || own[0] == 0);
    own[page] = 'y';
    SHOW(own[page]);
    char* const shared = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    TRY(madvise(shared, page, MADV_FREE));
    return 0;
}
