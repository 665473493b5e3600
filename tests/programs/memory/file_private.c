/* Does a private file mapping show the file, keep its own writes, and leave the file alone? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(3 * page);
    char* const own = TRY_MAP(mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0));
    SHOW(own[0]);
    own[0] = 'o';
    own[2 * page - 1] = 'o';
    char back[3 * page];
    TRY(pread(file, back, 3 * page, 0));
    SHOW(all_bytes(back, page, 'a') && all_bytes(back + page, page, 'b'));
    SHOW(own[0]);
    SHOW(own[1]);
    TRY(pwrite(file, "new", 3, 2 * page));
    SHOW(own[2 * page]); /* not touched before, so it shows what the file says now */
    TRY(pwrite(file, "new", 3, 0));
    SHOW(own[0]);
    SHOW(own[1]);
    return 0;
}
