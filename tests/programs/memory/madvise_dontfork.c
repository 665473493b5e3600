/* Is memory advised DONTFORK absent from a child, and does DOFORK take that back? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(3, PROT_READ | PROT_WRITE);
    memset(area, 'x', 3 * page);
    TRY(madvise(area + page, page, MADV_DONTFORK));
    if (in_child()) {
        FAULT(area, *(volatile char*)area);
        FAULT(area, *(volatile char*)(area + page));
        FAULT(area, *(volatile char*)(area + 2 * page));
        return 0;
    }
    wait_child();
    SHOW(all_bytes(area, 3 * page, 'x'));
    TRY(madvise(area + page, page, MADV_DOFORK));
    if (in_child()) {
        FAULT(area, *(volatile char*)(area + page));
        return 0;
    }
    wait_child();
    return 0;
}
