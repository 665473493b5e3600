/* Does /proc/self/pagemap tell present pages from absent ones? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(4, PROT_READ | PROT_WRITE);
    area[page] = 1;
    area[3 * page] = 1;
    const int pagemap = open("/proc/self/pagemap", O_RDONLY);
    uint64_t words[4];
    TRY(pread(pagemap, words, sizeof words, (off_t)((uintptr_t)area / page * sizeof *words)));
    for (int i = 0; i < 4; ++i) {
        say("page %d: %s", i, words[i] >> 63 != 0 ? "present" : "absent");
    }
    TRY(pread(pagemap, words, 7, 0));
    TRY(pread(pagemap, words, 8, 4));
    return 0;
}
