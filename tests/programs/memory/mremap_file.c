/* Does a file's mapping show more of the file when it is grown by mremap? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(6 * page);
    char* const start = mmap(NULL, 2 * page, PROT_READ, MAP_PRIVATE, file, page);
    SHOW(start[0]);
    char* const grown = TRY_MAP(mremap(start, 2 * page, 8 * page, MREMAP_MAYMOVE));
    SHOW(grown[0]);
    SHOW(grown[4 * page]);
    FAULT(grown, *(volatile char*)(grown + 5 * page));
    char* const tail = TRY_MAP(mremap(grown + 3 * page, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, grown));
    SHOW(tail[0]);
    return 0;
}
