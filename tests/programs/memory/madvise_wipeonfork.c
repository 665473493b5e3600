/* Is memory advised WIPEONFORK zero in a child, and in the child's child, and whole in the parent? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(2, PROT_READ | PROT_WRITE);
    memset(area, 'x', 2 * page);
    TRY(madvise(area, page, MADV_WIPEONFORK));
    if (in_child()) {
        SHOW(all_bytes(area, page, 0));
        SHOW(all_bytes(area + page, page, 'x'));
        memset(area, 'y', page);
        if (in_child()) {
            SHOW(all_bytes(area, page, 0));
            return 0;
        }
        wait_child();
        return 0;
    }
    wait_child();
    SHOW(all_bytes(area, 2 * page, 'x'));
    TRY(madvise(area, page, MADV_KEEPONFORK));
    if (in_child()) {
        SHOW(all_bytes(area, page, 'x'));
        return 0;
    }
    wait_child();
    char* const shared = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    TRY(madvise(shared, page, MADV_WIPEONFORK));
    return 0;
}
