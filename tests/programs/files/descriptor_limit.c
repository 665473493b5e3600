/* Does RLIMIT_NOFILE end the supply of descriptors with EMFILE, and is one closed one to be had again? */
#include "tests/programs/support/check.h"

int main(void) {
    const struct rlimit limit = {.rlim_cur = 20, .rlim_max = 20};
    TRY(setrlimit(RLIMIT_NOFILE, &limit));
    int last = -1, file;
    while ((file = open("/dev/null", O_RDONLY)) >= 0) {
        last = file;
    }
    say("open: %s", error_name(errno));
    SHOW(last);
    int ends[2];
    TRY(pipe(ends));
    TRY(dup(1));
    TRY(dup2(1, 20));
    TRY(fcntl(1, F_DUPFD, 20));
    TRY(fcntl(1, F_DUPFD, 19));
    TRY(close(10));
    TRY(pipe(ends)); /* wants two */
    TRY(dup(1));
    return 0;
}
