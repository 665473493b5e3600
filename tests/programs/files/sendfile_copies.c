/* Does sendfile copy from a file to a file and to a pipe, moving the position it is told to? */
#include "tests/programs/support/check.h"

#include <sys/sendfile.h>

int main(void) {
    const int from = open_file(2 * page), to = open_file(0);
    off_t at = page - 10;
    TRY(sendfile(to, from, &at, 100));
    SHOW(at);
    TRY(lseek(from, 0, SEEK_CUR));
    TRY(sendfile(to, from, NULL, 50));
    TRY(lseek(from, 0, SEEK_CUR));
    TRY(lseek(to, 0, SEEK_CUR));
    char back[150];
    TRY(pread(to, back, sizeof back, 0));
    SHOW(all_bytes(back, 10, 'a') && all_bytes(back + 10, 90, 'b') && all_bytes(back + 100, 50, 'a'));
    int ends[2];
    pipe(ends);
    TRY(sendfile(ends[1], from, NULL, 20));
    TRY(read(ends[0], back, 100));
    at = 2 * page;
    TRY(sendfile(to, from, &at, 10));
    TRY(sendfile(999, from, NULL, 10));
    return 0;
}
