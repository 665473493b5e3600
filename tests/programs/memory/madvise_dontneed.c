/* Does MADV_DONTNEED zero anonymous memory at once, bring a private file page back as it is, and keep what is shared?
 */
#include "tests/programs/support/check.h"

int main(void) {
    char* const own = map_pages(4, PROT_READ | PROT_WRITE);
    memset(own, 'x', 4 * page);
    TRY(madvise(own + page, 2 * page, MADV_DONTNEED));
    SHOW(all_bytes(own, page, 'x'));
    SHOW(all_bytes(own + page, 2 * page, 0));
    SHOW(all_bytes(own + 3 * page, page, 'x'));
    const int file = open_file(2 * page);
    char* const private = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    private[0] = 'p';
    TRY(madvise(private, 2 * page, MADV_DONTNEED));
    SHOW(private[0]);
    char* const shared = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    shared[0] = 's';
    TRY(madvise(shared, 2 * page, MADV_DONTNEED));
    SHOW(shared[0]);
    SHOW(private[0]);
    return 0;
}
