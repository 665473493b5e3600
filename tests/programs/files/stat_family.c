/* Do stat, fstat, lstat and statx tell the same of one file, and what of a pipe and a device? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(5000);
    struct stat status;
    TRY(fstat(file, &status));
    say("mode %o, %ld bytes, %ld links", (unsigned)status.st_mode & 0170777, (long)status.st_size,
        (long)status.st_nlink);
    SHOW(status.st_blksize >= 512);
    SHOW(status.st_blocks >= 5000 / 512);
    struct statx more;
    TRY(statx(file, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &more));
    SHOW(more.stx_size == 5000 && more.stx_ino == status.st_ino && more.stx_mode == status.st_mode);
    TRY(statx(file, "", 0, STATX_BASIC_STATS, &more));
    TRY(fstat(999, &status));
    int ends[2];
    pipe(ends);
    TRY(fstat(ends[0], &status));
    SHOW(S_ISFIFO(status.st_mode));
    TRY(stat("/dev/null", &status));
    SHOW(S_ISCHR(status.st_mode));
    say("device %u:%u", (unsigned)status.st_rdev >> 8, (unsigned)status.st_rdev & 255);
    TRY(stat("/tmp", &status));
    SHOW(S_ISDIR(status.st_mode));
    TRY(stat("/tmp/nothing-here", &status));
    TRY(access("/tmp", R_OK | W_OK | X_OK));
    TRY(access("/tmp", 77));
    TRY(fchmod(file, 0444));
    fstat(file, &status);
    say("mode %o", (unsigned)status.st_mode & 0777);
    TRY(umask(027));
    TRY(umask(0));
    return 0;
}
