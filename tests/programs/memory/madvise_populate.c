/* Does MADV_POPULATE_READ and _WRITE bring pages in, refuse what may not be accessed, and say where a file ends? */
#include "tests/programs/support/check.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

int main(void) {
    unsigned char in[4];
    char* const area = map_pages(4, PROT_READ | PROT_WRITE);
    TRY(madvise(area, 4 * page, MADV_POPULATE_WRITE));
    TRY(mincore(area, 4 * page, in));
    SHOW(in[0] & in[1] & in[2] & in[3] & 1);
    TRY(mprotect(area, page, PROT_READ));
    TRY(madvise(area, 4 * page, MADV_POPULATE_WRITE));
    TRY(madvise(area, 4 * page, MADV_POPULATE_READ));
    TRY(munmap(area + 2 * page, page));
    TRY(madvise(area, 4 * page, MADV_POPULATE_READ));
    const int file = open_file(page);
    char* const mapped = mmap(NULL, 2 * page, PROT_READ, MAP_PRIVATE, file, 0);
    TRY(madvise(mapped, page, MADV_POPULATE_READ));
    TRY(madvise(mapped, 2 * page, MADV_POPULATE_READ));
    return 0;
}
