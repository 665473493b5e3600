/* Do readv, writev, preadv and pwritev gather and scatter in order? */
#include "tests/programs/support/check.h"

#include <sys/uio.h>

int main(void) {
    const int file = open_file(0);
    char one[] = "one ", two[] = "two ", three[] = "three";
    const struct iovec out[] = {{one, 4}, {NULL, 0}, {two, 4}, {three, 5}};
    TRY(writev(file, out, 4));
    TRY(pwritev(file, out, 1, 20));
    char a[3], b[30] = "";
    const struct iovec in[] = {{a, 3}, {b, 29}};
    lseek(file, 0, SEEK_SET);
    TRY(readv(file, in, 2));
    say("%.3s,%.10s,%.4s", a, b, b + 17);
    TRY(preadv(file, in, 2, 4));
    say("%.3s,%.6s", a, b);
    return 0;
}
