/* Do pipes keep order, block and end as they should, and raise SIGPIPE? */
#include "tests/programs/support/check.h"

int main(void) {
    int ends[2];
    TRY(pipe2(ends, O_NONBLOCK));
    char buffer[100] = "";
    TRY(read(ends[0], buffer, 10));
    TRY(write(ends[1], "hello", 5));
    TRY(write(ends[1], " world", 6));
    TRY(read(ends[0], buffer, 3));
    TRY(read(ends[0], buffer, 100));
    say("%s", buffer);
    TRY(read(ends[1], buffer, 1));
    TRY(write(ends[0], buffer, 1));
    TRY(lseek(ends[0], 0, SEEK_CUR));
    TRY(pread(ends[0], buffer, 1, 0));
    long total = 0, part;
    static char block[page];
    while ((part = write(ends[1], block, page)) > 0) {
        total += part;
    }
    say("full: %s after %ld", error_name(errno), total);
    TRY(read(ends[0], block, page));
    TRY(write(ends[1], block, page));
    TRY(close(ends[1]));
    while ((part = read(ends[0], block, page)) > 0) {
        total -= part;
    }
    SHOW(total);
    SHOW(part);
    TRY(pipe(ends));
    TRY(close(ends[0]));
    signal(SIGPIPE, SIG_IGN);
    TRY(write(ends[1], "x", 1));
    if (in_child()) {
        signal(SIGPIPE, SIG_DFL);
        write(ends[1], "x", 1);
    }
    wait_child();
    TRY(pipe2(ends, 0x1234567));
    return 0;
}
