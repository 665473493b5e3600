/* Does mlock bring pages in, munlock let go, and what do both and mlockall refuse? */
#include "tests/programs/support/check.h"

#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif

int main(void) {
    unsigned char in[4];
    char* const area = map_pages(4, PROT_READ | PROT_WRITE);
    TRY(mlock(area + 10, page));
    TRY(mincore(area, 4 * page, in));
    SHOW(in[0] & in[1] & 1);
    SHOW(in[2] & 1);
    TRY(munlock(area, 2 * page));
    TRY(munlock(area, 2 * page));
    TRY(mlock(area, 0));
    TRY(syscall(SYS_mlock2, area + 2 * page, page, MLOCK_ONFAULT));
    TRY(mincore(area, 4 * page, in));
    SHOW(in[2] & 1);
    TRY(syscall(SYS_mlock2, area, page, 8));
    TRY(munmap(area + page, page));
    TRY(mlock(area, 4 * page));
    TRY(munlock(area, 4 * page));
    TRY(mlockall(0));
    TRY(mlockall(64));
    TRY(munlockall());
    return 0;
}
