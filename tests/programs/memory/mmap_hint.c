/* Does mmap take a free hint, round it, and go elsewhere when it is taken? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(16, PROT_NONE);
    TRY(munmap(area, 16 * page));
    char* const at = mmap(area + 4 * page, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SHOW(at == area + 4 * page);
    char* const rounded = mmap(area + 8 * page + 123, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SHOW(rounded == area + 8 * page || rounded == area + 9 * page);
    char* const elsewhere = mmap(area + 4 * page, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SHOW(elsewhere != MAP_FAILED && elsewhere != area + 4 * page);
    char* const high = mmap(HIGH, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SHOW(high != MAP_FAILED && (void*)high != HIGH);
    return 0;
}
