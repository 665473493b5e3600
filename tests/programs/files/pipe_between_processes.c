/* Does a megabyte go through a pipe between two processes in order, however the pieces are cut? */
#include "tests/programs/support/check.h"

int main(void) {
    enum { total = 1 << 20 };
    int ends[2];
    pipe(ends);
    if (in_child()) {
        close(ends[0]);
        unsigned char piece[7001];
        unsigned next = 0;
        for (unsigned sent = 0; sent < total;) {
            unsigned want = sizeof piece;
            if (want > total - sent) {
                want = total - sent;
            }
            for (unsigned i = 0; i < want; ++i) {
                piece[i] = (unsigned char)(next++ * 7 % 251);
            }
            for (unsigned done = 0; done < want;) {
                const ssize_t part = write(ends[1], piece + done, want - done);
                if (part <= 0) {
                    return 1;
                }
                done += (unsigned)part;
            }
            sent += want;
        }
        return 0;
    }
    close(ends[1]);
    unsigned char piece[3333];
    unsigned next = 0, wrong = 0;
    ssize_t part;
    while ((part = read(ends[0], piece, sizeof piece)) > 0) {
        for (ssize_t i = 0; i < part; ++i) {
            wrong += piece[i] != next++ * 7 % 251;
        }
    }
    SHOW(next);
    SHOW(wrong);
    wait_child();
    return 0;
}
