/* Can a process that fills many mebibytes fork again and again, and do all see their own? */
#include "tests/programs/support/check.h"

enum { megabytes = 24 };

int main(void) {
    const size_t pages = (megabytes << 20) / page;
    int* const area = (int*)map_pages(pages, PROT_READ | PROT_WRITE);
    for (size_t i = 0; i < pages; ++i) {
        area[i * page / sizeof *area] = (int)i;
    }
    for (int round = 0; round < 3; ++round) {
        if (in_child()) {
            int wrong = 0;
            for (size_t i = 0; i < pages; i += 7) {
                area[i * page / sizeof *area] += 1;
            }
            for (size_t i = 0; i < pages; ++i) {
                wrong += area[i * page / sizeof *area] != (int)i + (i % 7 == 0);
            }
            SHOW(wrong);
            return 0;
        }
        wait_child();
    }
    int wrong = 0;
    for (size_t i = 0; i < pages; ++i) {
        wrong += area[i * page / sizeof *area] != (int)i;
    }
    SHOW(wrong);
    return 0;
}
