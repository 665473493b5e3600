/* Does a pipe get or give part of what lies half in memory that is not there? */
#include "tests/programs/support/check.h"

#include <sys/ioctl.h>

static int ends[2];

static int bytes_there(void) {
    int bytes = 0;
    ioctl(ends[0], FIONREAD, &bytes);
    return bytes;
}

int main(void) {
    char* const area = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(area + 2 * page, page);
    char* const end = area + 2 * page;
    TRY(pipe2(ends, O_NONBLOCK));
    memset(area, 'x', 2 * page);

    /* into an empty pipe, behind other bytes, and over more than a page */
    TRY(write(ends[1], end - 48, 96));
    SHOW(bytes_there());
    SHOW((int)write(ends[1], area, 10));
    TRY(write(ends[1], end - 48, 96));
    SHOW(bytes_there());
    SHOW((int)write(ends[1], area, 2 * page + 100));
    SHOW(bytes_there());

    /* out of it: what did not fit stays */
    char rest[8192];
    while (read(ends[0], rest, sizeof rest) > 0) {
    }
    SHOW((int)write(ends[1], "0123456789", 10));
    SHOW((int)read(ends[0], end - 4, 10));
    SHOW(bytes_there());
    SHOW((int)read(ends[0], rest, sizeof rest));
    SHOW(rest[0]);
    TRY(read(ends[0], end, 10));
    return 0;
}
