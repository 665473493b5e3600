/* Does each of three generations see its own writes only, whichever writes first? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(8, PROT_READ | PROT_WRITE);
    memset(area, '0', 8 * page);
    if (in_child()) {
        memset(area, '1', 2 * page);
        if (in_child()) {
            memset(area + page, '2', 2 * page);
            if (in_child()) {
                SHOW(area[0]);
                SHOW(area[page]);
                SHOW(area[2 * page]);
                SHOW(area[3 * page]);
                memset(area, '3', 8 * page);
                return 0;
            }
            wait_child();
            SHOW(area[0] == '1' && area[page] == '2' && area[3 * page] == '0');
            return 0;
        }
        wait_child();
        SHOW(area[0] == '1' && area[page] == '1' && area[2 * page] == '0');
        return 0;
    }
    wait_child();
    SHOW(all_bytes(area, 8 * page, '0'));
    return 0;
}
