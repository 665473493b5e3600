/* Do dup, dup2, dup3, fcntl and close count descriptors as they should, from the lowest? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(10);
    const int copy = dup(file);
    SHOW(copy > file);
    TRY(fcntl(copy, F_GETFD));
    TRY(fcntl(file, F_GETFD));
    TRY(lseek(copy, 5, SEEK_SET));
    TRY(lseek(file, 0, SEEK_CUR));
    TRY(dup2(file, 100));
    TRY(dup2(file, file) == file);
    TRY(dup2(999, 101));
    TRY(dup2(file, -1));
    TRY(dup3(file, file, 0));
    TRY(dup3(file, 102, O_CLOEXEC));
    TRY(fcntl(102, F_GETFD));
    TRY(fcntl(file, F_DUPFD, 200));
    TRY(fcntl(file, F_DUPFD_CLOEXEC, 200));
    TRY(fcntl(file, F_GETFL) & O_ACCMODE);
    TRY(fcntl(file, F_SETFD, 0));
    TRY(fcntl(file, F_GETFD));
    TRY(fcntl(999, F_GETFD));
    TRY(fcntl(file, 9999));
    TRY(close(copy));
    SHOW(dup(file) == copy);
    TRY(close(999));
    TRY(close(-1));
    TRY(read(999, NULL, 0));
    TRY(write(-1, NULL, 0));
    return 0;
}
