/* What does a call do whose buffer or text begins in good memory and runs into a hole? */
#include "tests/programs/support/check.h"

#include <sys/uio.h>

int main(void) {
    char* const area = map_pages(2, PROT_READ | PROT_WRITE);
    char* const edge = area + page;
    munmap(edge, page);
    const int file = open_file(4 * page);
    TRY(read(file, edge - 10, 100));
    TRY(lseek(file, 0, SEEK_CUR));
    memset(edge - 10, 'w', 10);
    const int out = open_file(0);
    TRY(write(out, edge - 10, 100));
    TRY(lseek(out, 0, SEEK_END));
    memcpy(edge - 4, "/tmp", 4); /* a path that never ends */
    TRY(syscall(SYS_open, edge - 4, O_RDONLY));
    TRY(syscall(SYS_access, edge - 4, 0));
    memcpy(edge - 5, "/tmp", 5); /* and one that ends just in time */
    TRY(syscall(SYS_access, edge - 5, 0));
    TRY(syscall(SYS_fstat64, file, edge - 10));
    TRY(syscall(SYS_uname, edge - 100));
    struct iovec parts[2] = {{area, 10}, {edge - 5, 20}};
    TRY(pwritev(out, parts, 2, 0));
    lseek(file, 0, SEEK_SET);
    TRY(readv(file, parts, 2));
    TRY(read(file, edge, 0));
    TRY(read(file, WILD, 0));
    return 0;
}
