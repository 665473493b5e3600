/* Does a child keep what was there at the fork when the parent writes first? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(64, PROT_READ | PROT_WRITE);
    memset(area, 'o', 64 * page);
    int ends[2];
    TRY(pipe(ends));
    if (in_child()) {
        char go;
        read(ends[0], &go, 1);
        SHOW(all_bytes(area, 64 * page, 'o'));
        memset(area, 'c', 32 * page);
        return 0;
    }
    memset(area, 'p', 64 * page);
    write(ends[1], "g", 1);
    wait_child();
    SHOW(all_bytes(area, 64 * page, 'p'));
    return 0;
}
