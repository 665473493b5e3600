/* What do calls make of counts and lengths that no memory could hold? */
#include "tests/programs/support/check.h"

#include <sys/uio.h>

int main(void) {
    char* const buffer = map_pages(2, PROT_READ | PROT_WRITE);
    const int file = open_file(100);
    TRY(read(file, buffer, 2 * page));
    TRY(read(file, buffer, 2 * page));
    struct iovec one = {buffer, 10};
    TRY(writev(file, &one, -1));
    TRY(writev(file, &one, 1025));
    TRY(writev(file, &one, 0));
    one.iov_len = 0x80000000;
    TRY(writev(file, &one, 1));
    TRY(lseek(file, -1, SEEK_SET));
    TRY(lseek(file, 0, 99));
    TRY(pread(file, buffer, 10, -1));
    TRY(syscall(SYS_getdents64, file, buffer, 10));
    TRY(syscall(SYS_getcwd, buffer, 1));
    TRY(syscall(SYS_getcwd, buffer, 0));
    TRY(syscall(SYS_readlink, "/proc/self/exe", buffer, 0));
    TRY(syscall(SYS_readlink, "/proc/self/exe", buffer, -1));
    TRY(ftruncate(file, -1));
    return 0;
}
