/* Do pipes keep Linux's slots: how much fits, what O_DIRECT makes packets of, and what F_SETPIPE_SZ gives? */
#include "tests/programs/support/check.h"

#include <poll.h>
#include <sys/ioctl.h>

static int ends[2];
static char bytes[1 << 20];

static long fill(size_t piece) {
    long total = 0, part;
    while ((part = write(ends[1], bytes, piece)) > 0) {
        total += part;
    }
    return total;
}
static long drain(void) {
    long total = 0, part;
    while ((part = read(ends[0], bytes, sizeof bytes)) > 0) {
        total += part;
    }
    return total;
}
static int writable(void) {
    struct pollfd asked = {.fd = ends[1], .events = POLLOUT};
    poll(&asked, 1, 0);
    return asked.revents & POLLOUT;
}
static int there(void) {
    int left = -1;
    ioctl(ends[0], FIONREAD, &left);
    return left;
}

int main(void) {
    TRY(pipe2(ends, O_NONBLOCK));
    const size_t pieces[] = {1, 7, 1000, 1366, 2048, 3000, 4095, 4096, 4097, 5000, 70000};
    for (unsigned each = 0; each < sizeof pieces / sizeof *pieces; ++each) {
        SHOW(pieces[each]);
        TRY(fill(pieces[each]));
        SHOW(there());
        SHOW(writable() != 0);
        TRY(write(ends[1], bytes, 1));
        TRY(write(ends[1], bytes, 5000));
        TRY(read(ends[0], bytes, 4095));
        SHOW(writable() != 0);
        TRY(read(ends[0], bytes, 1));
        SHOW(writable() != 0);
        TRY(write(ends[1], bytes, 100));
        TRY(drain());
    }
    TRY(fcntl(ends[0], F_GETPIPE_SZ));
    TRY(fcntl(ends[0], F_SETPIPE_SZ, 0));
    TRY(fcntl(ends[1], F_GETPIPE_SZ));
    TRY(fill(1000));
    TRY(fcntl(ends[0], F_SETPIPE_SZ, 5000));
    TRY(fill(3000));
    TRY(fcntl(ends[0], F_SETPIPE_SZ, 4096));
    TRY(read(ends[0], bytes, 4000));
    TRY(fcntl(ends[0], F_SETPIPE_SZ, 4096));
    TRY(fcntl(ends[0], F_SETPIPE_SZ, 1 << 20));
    TRY(fill(4096));
    TRY(drain());
    TRY(fcntl(ends[0], F_SETPIPE_SZ, 0x80000001));
    TRY(fcntl(0x7000, F_SETPIPE_SZ, 4096));
    TRY(fcntl(open("/dev/null", O_RDONLY), F_GETPIPE_SZ));
    close(ends[0]);
    close(ends[1]);

    TRY(pipe2(ends, O_DIRECT | O_NONBLOCK));
    SHOW((fcntl(ends[1], F_GETFL) & O_DIRECT) != 0);
    TRY(write(ends[1], "first", 5));
    TRY(write(ends[1], "second", 6));
    TRY(write(ends[1], "", 0));
    TRY(write(ends[1], bytes, 5000));
    SHOW(there());
    TRY(read(ends[0], bytes, 100));
    TRY(read(ends[0], bytes, 2));
    TRY(read(ends[0], bytes, 5000));
    TRY(read(ends[0], bytes, 5000));
    TRY(read(ends[0], bytes, 5000));
    TRY(fill(10));
    TRY(read(ends[0], bytes, 5000));
    TRY(fcntl(ends[1], F_SETFL, O_NONBLOCK));
    TRY(write(ends[1], "plain", 5));
    TRY(read(ends[0], bytes, 10));
    TRY(write(ends[1], " text", 5));
    TRY(fcntl(ends[1], F_SETFL, O_NONBLOCK | O_DIRECT));
    TRY(read(ends[0], bytes, 10));
    TRY(write(ends[1], "packet", 6));
    for (int each = 0; each < 16; ++each) {
        TRY(read(ends[0], bytes, 100));
    }
    return 0;
}
