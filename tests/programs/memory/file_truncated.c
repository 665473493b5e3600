/* Does a mapping lose pages when its file is cut, and get zeroed ones when it grows again? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(4 * page);
    char* const shared = TRY_MAP(mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    char* const own = TRY_MAP(mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0));
    memset(shared, 's', 4 * page);
    own[3 * page] = 'o';
    TRY(ftruncate(file, page + 10));
    SHOW(shared[page + 9]);
    SHOW(shared[page + 10]); /* the rest of the last page is zeroed */
    FAULT(shared, *(volatile char*)(shared + 2 * page));
    FAULT(own, *(volatile char*)(own + 3 * page)); /* a private copy goes, too */
    TRY(ftruncate(file, 4 * page));
    SHOW(shared[3 * page]);
    SHOW(shared[page + 10]);
    SHOW(own[3 * page]);
    FAULT(shared, shared[3 * page] = 'n');
    return 0;
}
