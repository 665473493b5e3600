/* Is what was written to a shared mapping kept when it is unmapped piece by piece? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(4 * page);
    char* const shared = TRY_MAP(mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    for (int i = 0; i < 4; ++i) {
        memset(shared + i * page, '0' + i, page);
    }
    TRY(munmap(shared + page, page));
    TRY(munmap(shared + 3 * page, page));
    shared[2 * page] = '*';
    TRY(munmap(shared, 4 * page));
    char back[4 * page];
    TRY(pread(file, back, sizeof back, 0));
    SHOW(all_bytes(back, page, '0') && all_bytes(back + page, page, '1') && all_bytes(back + 3 * page, page, '3'));
    SHOW(back[2 * page]);
    return 0;
}
