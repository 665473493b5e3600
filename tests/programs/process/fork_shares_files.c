/* Do parent and child share a file's position, and do both see what either appends? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(0);
    TRY(write(file, "parent ", 7));
    if (in_child()) {
        TRY(write(file, "child ", 6));
        SHOW(lseek(file, 0, SEEK_CUR));
        close(file);
        return 0;
    }
    wait_child();
    SHOW(lseek(file, 0, SEEK_CUR));
    TRY(write(file, "parent", 7));
    char back[32];
    TRY(pread(file, back, sizeof back, 0));
    say("%s", back);
    return 0;
}
