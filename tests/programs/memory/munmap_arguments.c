/* Which arguments does munmap refuse, and what does it make of places where nothing is? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(4, PROT_READ | PROT_WRITE);
    TRY(munmap(area, 0));
    TRY(munmap(area + 1, page));
    TRY(munmap(HIGH, page));
    TRY(munmap(area, 0xfffff000));
    TRY(munmap(area, 0xffffffff));
    TRY(munmap(area + page, page));
    TRY(munmap(area + page, page));
    TRY(munmap(area, 4 * page));
    TRY(munmap(area, 4 * page));
    char* const other = map_pages(2, PROT_READ | PROT_WRITE);
    TRY(munmap(other, 1)); /* a page is the least that goes */
    FAULT(other, *(volatile char*)other);
    FAULT(other, *(volatile char*)(other + page));
    return 0;
}
