/* Does a mapping with an offset show the right pages, in the old call and the new? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(8 * page);
    char* const third = TRY_MAP(mmap(NULL, 2 * page, PROT_READ, MAP_SHARED, file, 3 * page));
    SHOW(third[0]);
    SHOW(third[page]);
    unsigned long block[6] = {0, page, PROT_READ, MAP_PRIVATE, (unsigned long)file, 5 * page};
    char* const fifth = TRY_MAP((char*)syscall(SYS_mmap, block));
    SHOW(fifth[0]);
    char* const seventh = TRY_MAP((char*)syscall(SYS_mmap2, 0, page, PROT_READ, MAP_PRIVATE, file, 7));
    SHOW(seventh[0]);
    return 0;
}
