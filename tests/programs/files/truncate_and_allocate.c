/* Do ftruncate and fallocate change a file's size as they should, and refuse what they cannot? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(3 * page);
    struct stat status;
    TRY(ftruncate(file, 10));
    fstat(file, &status);
    SHOW(status.st_size);
    TRY(ftruncate(file, 2 * page));
    char back[2 * page];
    TRY(pread(file, back, sizeof back, 0));
    SHOW(back[9]);
    SHOW(all_bytes(back + 10, sizeof back - 10, 0));
    TRY(fallocate(file, 0, 0, 4 * page));
    fstat(file, &status);
    SHOW(status.st_size);
    TRY(fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 8 * page));
    fstat(file, &status);
    SHOW(status.st_size);
    TRY(fallocate(file, 0, -1, 10));
    TRY(fallocate(file, 0, 0, 0));
    TRY(fallocate(999, 0, 0, 10));
    int ends[2];
    pipe(ends);
    TRY(ftruncate(ends[1], 0));
    TRY(fallocate(ends[1], 0, 0, 1));
    TRY(fsync(file));
    TRY(fdatasync(file));
    TRY(fsync(ends[0]));
    TRY(fsync(999));
    return 0;
}
