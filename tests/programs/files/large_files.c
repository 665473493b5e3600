/* Are files larger than 2 and 4 GiB kept, mapped and measured, and kept from those who did not ask for O_LARGEFILE? */
#include "tests/programs/support/check.h"

#define GIB (1LL << 30)

static long small_open(const char* path, int flags) {
    return syscall(SYS_open, path, flags, 0600);
}

static void sparse(int file) {
    TRY(pwrite(file, "y", 1, 5 * GIB));
    struct stat status;
    fstat(file, &status);
    SHOW(status.st_size == 5 * GIB + 1);
    SHOW(status.st_blocks);
    char byte = 'x';
    TRY(pread(file, &byte, 1, 5 * GIB - 1));
    SHOW(byte);
    TRY(pread(file, &byte, 1, 5 * GIB));
    SHOW(byte);
    TRY(pread(file, &byte, 1, GIB));
    SHOW(byte);
    SHOW(lseek(file, 0, SEEK_HOLE) == 0);
    SHOW(lseek(file, 3 * GIB, SEEK_DATA) == 5 * GIB);
    SHOW(lseek(file, 5 * GIB, SEEK_HOLE) == 5 * GIB + 1);
    SHOW(lseek(file, 5 * GIB + 1, SEEK_DATA) < 0 && errno == ENXIO);
    TRY(ftruncate(file, 6 * GIB));
    SHOW(lseek(file, 5 * GIB, SEEK_HOLE) == 5 * GIB + page);
    SHOW(lseek(file, 5 * GIB + page, SEEK_DATA) < 0 && errno == ENXIO);
    char* const mapped = TRY_MAP(mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 5 * GIB));
    SHOW(mapped[0]);
    mapped[page] = 'z';
    TRY(pread(file, &byte, 1, 5 * GIB + page));
    SHOW(byte);
    char* const low = TRY_MAP(mmap(NULL, page, PROT_READ, MAP_SHARED, file, GIB));
    SHOW(low[0]); /* 5 GiB modulo 4 GiB: what a number of 32 bits would find */
    TRY(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 5 * GIB, page));
    SHOW(mapped[0]);
    SHOW(mapped[page]);
    SHOW(lseek(file, 0, SEEK_DATA) == 5 * GIB + page);
    TRY(ftruncate(file, 5 * GIB + 1));
    FAULT(mapped, SHOW(mapped[page]));
    TRY(ftruncate(file, 0));
    FAULT(mapped, SHOW(mapped[0]));
    fstat(file, &status);
    SHOW(status.st_blocks);
    munmap(mapped, 2 * page);
    munmap(low, page);
}

int main(void) {
    char path[64];
    snprintf(path, sizeof path, "/dev/shm/large_files.%d", (int)getpid());
    const int small = (int)small_open(path, O_RDWR | O_CREAT | O_TRUNC);
    SHOW(fcntl(small, F_GETFL) & 0100000);
    TRY(pwrite(small, "x", 1, 0x7ffffffe));
    TRY(pwrite(small, "x", 1, 0x7fffffff));
    TRY(pwrite(small, "xyz", 3, 0x7ffffffd));
    TRY_OK(small_open(path, O_RDONLY));
    const int large = open(path, O_RDWR);
    TRY(ftruncate(large, 2 * GIB));
    SINCE(6, 6, TRY_OK(small_open(path, O_RDONLY)), "small_open(path, O_RDONLY): EOVERFLOW");
    SINCE(6, 6, TRY_OK(small_open(path, O_WRONLY | O_TRUNC)), "small_open(path, O_WRONLY | O_TRUNC): EOVERFLOW");
    TRY_OK(small_open(path, O_PATH));
    SHOW(fcntl(large, F_GETFL) & 0100000);
    TRY(pwrite(large, "x", 1, 0x7fffffff));
    unsigned char status[200];
    TRY(syscall(SYS_stat, path, status));
    TRY(syscall(SYS_lseek, large, 0x7fffffff, SEEK_SET));
    TRY(syscall(SYS_truncate, path, 0));
    sparse(large);
    sparse(memfd_create("large", 0));
    unlink(path);
    return 0;
}
