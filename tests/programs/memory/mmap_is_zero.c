/* Is anonymous memory zero, whether it is read first, written first, or read by a call? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const start = map_pages(16, PROT_READ | PROT_WRITE);
    SHOW(all_bytes(start, 16 * page, 0)); /* read first, all of one frame perhaps */
    for (int i = 0; i < 16; i += 2) {
        start[i * page + i] = 'x';
    }
    int wrong = 0;
    for (int i = 0; i < 16 * page; ++i) {
        wrong += start[i] != (i / page % 2 == 0 && i % page == i / page ? 'x' : 0);
    }
    SHOW(wrong);
    char* const other = map_pages(4, PROT_READ | PROT_WRITE);
    const int file = open_file(0);
    TRY(write(file, other, 4 * page));
    char back[page];
    TRY(pread(file, back, page, 3 * page));
    SHOW(all_bytes(back, page, 0));
    return 0;
}
