/* Which arguments does mmap refuse, and with which errno? */
#include "tests/programs/support/check.h"

int main(void) {
    const int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
    TRY_MAP(mmap(NULL, 0, PROT_READ, anonymous, -1, 0));
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_ANONYMOUS, -1, 0));
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_PRIVATE, -1, 0));
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_PRIVATE, 1000, 0));
    TRY_MAP(mmap((void*)0x10000001, page, PROT_READ, anonymous | MAP_FIXED, -1, 0));
    TRY_MAP(mmap(HIGH, 2 * page, PROT_READ, anonymous | MAP_FIXED, -1, 0));
    TRY_MAP(mmap(NULL, 0xffffffff, PROT_READ, anonymous, -1, 0));
    TRY_MAP(mmap(NULL, 0xfffff000, PROT_READ, anonymous | MAP_NORESERVE, -1, 0));
    TRY_MAP((void*)syscall(SYS_mmap2, 0, page, PROT_READ, anonymous, -1, 0x12345));
    TRY_MAP(mmap(NULL, 1, PROT_READ, anonymous, -1, 0));
    TRY_MAP(mmap(NULL, page, PROT_NONE, anonymous, -1, 0));
    const int file = open_file(page);
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_PRIVATE, file, 100));
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_PRIVATE, file, 16 * page));
    return 0;
}
