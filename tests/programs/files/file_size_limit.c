/* Does RLIMIT_FSIZE end what is written, with SIGXFSZ, and only what makes a file larger? */
#include "tests/programs/support/check.h"

#include <sys/sendfile.h>
#include <sys/uio.h>

static int caught;
static void note(int number) {
    caught = number;
}
static int signals(void) {
    const int was = caught;
    caught = 0;
    return was;
}
static void set_limit(rlim_t bytes) {
    const struct rlimit limit = {bytes, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &limit);
}
static long size_of(int file) {
    struct stat status;
    fstat(file, &status);
    return (long)status.st_size;
}

int main(void) {
    static char bytes[10000];
    const int source = open_file(10000);
    const int file = memfd_create("limited", 0); /* /tmp is not the same kind of file system on every Linux */
    signal(SIGXFSZ, note);
    set_limit(5000);
    TRY(write(file, bytes, 4000));
    TRY(write(file, bytes, 4000));
    SHOW(signals());
    TRY(write(file, bytes, 0));
    TRY(write(file, bytes, 1));
    SHOW(signals());
    TRY(lseek(file, 0, SEEK_CUR));
    TRY(pwrite(file, bytes, 100, 4990));
    TRY(pwrite(file, bytes, 100, 6000));
    SHOW(signals());
    TRY(write(file, WILD, 100));
    SHOW(signals());
    const struct iovec pieces[] = {{bytes, 3000}, {bytes, 3000}};
    TRY(pwritev(file, pieces, 2, 1000));
    TRY(ftruncate(file, 5000));
    TRY(ftruncate(file, 5001));
    SHOW(signals());
    TRY(fallocate(file, 0, 0, 6000));
    SHOW(signals());
    TRY(fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 6000));
    SHOW(signals());
    TRY(fallocate(file, 0, 0, 5000));
    TRY(ftruncate(file, 0));
    TRY(sendfile(file, source, NULL, 10000));
    SHOW(signals());
    TRY(size_of(file));
    /* What is larger already may be written to below the limit, and become smaller. */
    set_limit(RLIM_INFINITY);
    TRY(ftruncate(file, 20000));
    set_limit(5000);
    TRY(ftruncate(file, 15000));
    TRY(ftruncate(file, 15001));
    SHOW(signals());
    TRY(pwrite(file, bytes, 10000, 0));
    TRY(pwrite(file, bytes, 10, 10000));
    SHOW(signals());
    TRY(size_of(file));
    TRY(fcntl(file, F_SETFL, O_APPEND));
    TRY(write(file, bytes, 1));
    SHOW(signals());
    signal(SIGXFSZ, SIG_IGN);
    TRY(write(file, bytes, 1));
    /* Files of one byte are files, too; pipes and devices are not. */
    set_limit(0);
    int ends[2];
    pipe(ends);
    TRY(write(ends[1], bytes, 10));
    TRY(write(open("/dev/null", O_WRONLY), bytes, 10));
    TRY(write(open("/proc/self/comm", O_WRONLY), "name", 4));
    const int other = open_file(0);
    TRY(write(other, bytes, 1));
    if (in_child()) {
        signal(SIGXFSZ, SIG_DFL);
        write(other, bytes, 1);
        return 0;
    }
    wait_child();
    return 0;
}
