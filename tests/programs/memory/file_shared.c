/* Do a shared file mapping, read and write see the same bytes at once? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(3 * page);
    char* const one = TRY_MAP(mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    char* const two = TRY_MAP(mmap(NULL, page, PROT_READ, MAP_SHARED, file, page));
    strcpy(one + page, "through one");
    SHOW(strcmp(two, "through one"));
    char back[32];
    TRY(pread(file, back, sizeof back, page));
    SHOW(strcmp(back, "through one"));
    TRY(pwrite(file, "through a call", 15, page + 100));
    SHOW(strcmp(one + page + 100, "through a call"));
    if (in_child()) {
        strcpy(one + 200, "from a child");
        return 0;
    }
    wait_child();
    SHOW(strcmp(one + 200, "from a child"));
    TRY(munmap(one, page));
    TRY(pread(file, back, sizeof back, 200));
    SHOW(strcmp(back, "from a child"));
    return 0;
}
