/* Does a call that writes into a page shared since a fork write into this process's copy alone? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(2, PROT_READ | PROT_WRITE);
    memset(area, 'o', 2 * page);
    const int file = open_file(2 * page);
    int ends[2];
    TRY(pipe(ends));
    if (in_child()) {
        TRY(pread(file, area + 10, page, 0));
        SHOW(area[10]);
        SHOW(area[9]);
        return 0;
    }
    wait_child();
    SHOW(all_bytes(area, 2 * page, 'o'));
    if (in_child()) {
        char go;
        read(ends[0], &go, 1);
        SHOW(all_bytes(area, 2 * page, 'o'));
        return 0;
    }
    TRY(pread(file, area, 2 * page, 0));
    SHOW(area[0]);
    write(ends[1], "g", 1);
    wait_child();
    return 0;
}
