/* Which flags and ranges does msync take, and which does it refuse? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(3 * page);
    char* const mapped = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    mapped[0] = 'm';
    TRY(msync(mapped, 3 * page, MS_SYNC));
    TRY(msync(mapped, page, MS_ASYNC));
    TRY(msync(mapped, page, MS_ASYNC | MS_SYNC));
    TRY(msync(mapped, page, MS_INVALIDATE));
    TRY(msync(mapped, page, 64));
    TRY(msync(mapped + 1, page, MS_SYNC));
    TRY(msync(mapped, 0, MS_SYNC));
    TRY(munmap(mapped + page, page));
    TRY(msync(mapped, 3 * page, MS_SYNC));
    TRY(msync(mapped, 0xfffff001, MS_SYNC));
    TRY(mlock(mapped, page));
    TRY(msync(mapped, page, MS_INVALIDATE));
    return 0;
}
