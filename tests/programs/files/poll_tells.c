/* What does poll tell of pipes that are empty, full of something, closed, or no descriptors at all? */
#include "tests/programs/support/check.h"

#include <poll.h>

int main(void) {
    int ends[2];
    pipe(ends);
    struct pollfd both[] = {{.fd = ends[0], .events = POLLIN}, {.fd = ends[1], .events = POLLOUT}, {.fd = -1}};
    TRY(poll(both, 3, 0));
    SHOW(both[0].revents);
    SHOW(both[1].revents == POLLOUT);
    const long long start = now();
    TRY(poll(both, 1, 30));
    SHOW(now() - start >= 29);
    write(ends[1], "x", 1);
    TRY(poll(both, 1, -1));
    SHOW(both[0].revents == POLLIN);
    close(ends[1]);
    TRY(poll(both, 1, 0));
    SHOW(both[0].revents == (POLLIN | POLLHUP));
    char byte;
    read(ends[0], &byte, 1);
    TRY(poll(both, 1, 0));
    SHOW(both[0].revents == POLLHUP);
    TRY(poll(both + 1, 1, 0));
    SHOW(both[1].revents == POLLNVAL);
    const int file = open_file(0);
    struct pollfd plain = {.fd = file, .events = POLLIN | POLLOUT};
    TRY(poll(&plain, 1, -1));
    SHOW(plain.revents == (POLLIN | POLLOUT));
    TRY(poll(NULL, 0, 1));
    return 0;
}
