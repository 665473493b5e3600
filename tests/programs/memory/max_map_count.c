/* How many mappings may a program have, and what is refused with one more? */
#include "tests/programs/support/check.h"

enum { most = 65530 };

static char* first; /* of the pages below, every second one is a mapping of its own when all are used up */
static size_t used; /* pages */

static int mappings(void) {
    return mappings_in(NULL, 0xfffff000);
}

/* Makes `count` mappings of a page each, two at a time; every second page stays as it was. */
static void make(int count) {
    for (int i = 0; i < count; i += 2) {
        used += 2;
        mprotect(first + used * page, page, PROT_READ);
    }
}

static int limit(void) {
    char text[16] = "";
    const int file = open("/proc/sys/vm/max_map_count", O_RDONLY);
    read(file, text, sizeof text - 1);
    close(file);
    return atoi(text);
}

int main(void) {
    SHOW(limit());
    first = mmap(NULL, (most + 64) * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    char* const whole = map_pages(16, PROT_READ);
    char* const file = mmap(NULL, 4 * page, PROT_READ, MAP_SHARED, open_file(4 * page), 0);
    const int before = mappings();
    make((most - before) / 2 * 2);
    if ((most - before) % 2 != 0) {
        mprotect(first, page, PROT_READ);
    }
    SHOW(mappings() - most);
    /* As many as there may be. */
    TRY(mprotect(first + (used + 4) * page, page, PROT_READ));
    TRY(mprotect(first + used * page, page, PROT_NONE)); /* three become one */
    SHOW(mappings() - most);
    TRY(mprotect(first + (used + 4) * page, page, PROT_READ));
    TRY(munmap(whole + 4 * page, page));
    TRY(mprotect(whole + 4 * page, page, PROT_READ | PROT_WRITE));
    TRY(mprotect(whole, page, PROT_READ | PROT_WRITE));
    TRY(madvise(whole + 4 * page, page, MADV_DONTFORK));
    TRY(madvise(whole + 4 * page, page, MADV_DONTNEED));
    TRY(mlock(whole + 4 * page, page));
    TRY_MAP(mremap(file, 4 * page, 8 * page, MREMAP_MAYMOVE));
    TRY_MAP(mmap(whole + 4 * page, page, PROT_READ, MAP_SHARED | MAP_FIXED | MAP_ANONYMOUS, -1, 0));
    TRY(munmap(whole + 15 * page, page));
    /* One more is allowed where nothing is cut. */
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    SHOW(mappings() - most);
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    TRY_MAP(mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    TRY(munmap(whole + 4 * page, page));
    TRY(munmap(whole, 15 * page));
    TRY(munmap(file, page));
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    SHOW(mappings() - most);
    return 0;
}
