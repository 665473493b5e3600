/* Does every call that reads or writes the program's memory answer EFAULT to a pointer into nothing? */
#include "tests/programs/support/check.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>

static void with(const char* which, void* wild) {
    say("%s", which);
    const int file = open_file(page);
    int ends[2];
    pipe(ends);
    TRY(read(file, wild, 10));
    TRY(write(file, wild, 10));
    TRY(pread(file, wild, 10, 0));
    TRY(pwrite(file, wild, 10, 0));
    TRY(write(ends[1], wild, 10));
    TRY(readv(file, wild, 1));
    TRY(writev(file, wild, 1));
    TRY(syscall(SYS_open, wild, O_RDONLY));
    TRY(syscall(SYS_openat, AT_FDCWD, wild, O_RDONLY));
    TRY(syscall(SYS_access, wild, 0));
    TRY(syscall(SYS_unlink, wild));
    TRY(syscall(SYS_mkdir, wild, 0700));
    TRY(syscall(SYS_chdir, wild));
    TRY(syscall(SYS_stat64, wild, &(struct stat64){0}));
    TRY(syscall(SYS_stat64, "/", wild));
    TRY(syscall(SYS_fstat64, file, wild));
    TRY(syscall(SYS_statx, AT_FDCWD, "/", 0, 0x7ff, wild));
    TRY(syscall(SYS_getdents64, open("/", O_RDONLY | O_DIRECTORY), wild, 1000));
    TRY(syscall(SYS_getcwd, wild, 100));
    TRY(syscall(SYS_pipe, wild));
    TRY(syscall(SYS_pipe2, wild, 0));
    TRY(syscall(SYS_poll, wild, 1, 0));
    TRY(syscall(SYS_uname, wild));
    TRY(syscall(SYS_sysinfo, wild));
    TRY(syscall(SYS_getrusage, 0, wild));
    TRY(syscall(SYS_gettimeofday, wild, NULL));
    TRY(syscall(SYS_clock_gettime, 1, wild));
    TRY(syscall(SYS_nanosleep, wild, NULL));
    TRY(syscall(SYS_getrandom, wild, 10, 0));
    TRY(syscall(SYS_times, wild));
    TRY(syscall(SYS__llseek, file, 0, 0, wild, SEEK_SET));
    TRY(syscall(SYS_rt_sigpending, wild, 8));
    TRY(syscall(SYS_rt_sigsuspend, wild, 8));
    TRY(syscall(SYS_set_thread_area, wild));
    TRY(syscall(SYS_futex, wild, 0, 0, NULL));
    TRY(syscall(SYS_statfs64, "/", 84, wild));
    TRY(syscall(SYS_getitimer, 0, wild));
    TRY(syscall(SYS_readlink, "/proc/self/exe", wild, 10));
}

int main(void) {
    with("near null", WILD);
    with("above all programs", HIGH);
    char* const area = map_pages(2, PROT_READ | PROT_WRITE);
    munmap(area, page);
    with("into a hole", area + 100);
    return 0;
}
