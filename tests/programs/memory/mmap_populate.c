/* Does MAP_POPULATE bring pages in at once, so that mincore finds them, and is NORESERVE as good as any? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const ready = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    unsigned char in[8];
    TRY(mincore(ready, 8 * page, in));
    SHOW(in[0] & in[1] & in[2] & in[3] & in[4] & in[5] & in[6] & in[7] & 1);
    SHOW(all_bytes(ready, 8 * page, 0));
    char* const lazy = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    SHOW(lazy != MAP_FAILED);
    lazy[60 << 20] = 'x';
    SHOW(lazy[60 << 20]);
    SHOW(lazy[30 << 20]);
    return 0;
}
