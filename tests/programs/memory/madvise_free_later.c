/* Is memory that was advised FREE kept where it is written to, and is it else either as it was or zero, for a child,
   too? */
#include "tests/programs/support/check.h"

enum { pages = 16 };

static bool old_or_zero(const char* start, char old) {
    return all_bytes(start, page, old) || all_bytes(start, page, 0);
}

int main(void) {
    char* const own = map_pages(pages, PROT_READ | PROT_WRITE);
    memset(own, 'x', pages * page);
    TRY(madvise(own, pages * page, MADV_FREE));
    for (int at = 0; at < pages; at += 2) {
        own[at * page + 7] = 'y';
    }
    TRY(madvise(own, pages * page, MADV_PAGEOUT));
    bool kept = true;
    bool right = true;
    for (int at = 0; at < pages; ++at) {
        kept = kept && (at % 2 != 0 || own[at * page + 7] == 'y');
        right = right && (at % 2 == 0 || old_or_zero(own + at * page, 'x'));
    }
    SHOW(kept);
    SHOW(right);
    memset(own, 'z', pages * page);
    TRY(madvise(own, pages / 2 * page, MADV_FREE));
    if (in_child()) {
        SHOW(old_or_zero(own, 'z'));
        own[page + 5] = 'c';
        SHOW(own[page + 5]);
        SHOW(all_bytes(own + pages / 2 * page, pages / 2 * page, 'z'));
        return 0;
    }
    wait_child();
    SHOW(old_or_zero(own + page, 'z'));
    TRY(mprotect(own, page, PROT_NONE));
    TRY(madvise(own, page, MADV_FREE));
    TRY(mlock(own + 2 * page, page));
    TRY(madvise(own + 2 * page, page, MADV_FREE));
    TRY(munlock(own + 2 * page, page));
    TRY(munmap(own + 4 * page, page));
    TRY(madvise(own + 3 * page, 3 * page, MADV_FREE));
    return 0;
}
