/* Is a page that was unmapped gone at once, for the program and for calls, though it was just used? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(page);
    for (int i = 0; i < 3; ++i) {
        char* const at = map_pages(1, PROT_READ | PROT_WRITE);
        memset(at, 'x', page);
        TRY(munmap(at, page));
        FAULT(at, *(volatile char*)at);
        TRY(pread(file, at, 1, 0));
        TRY(pwrite(file, at, 1, 0));
    }
    return 0;
}
