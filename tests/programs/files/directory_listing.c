/* Does getdents64 list just what a folder holds, in pieces too small for all, and end? */
#include "tests/programs/support/check.h"

#include <dirent.h>

int main(void) {
    char folder[64], path[96];
    snprintf(folder, sizeof folder, "/tmp/quire-list-%d", getpid());
    mkdir(folder, 0700);
    for (int i = 0; i < 30; ++i) {
        snprintf(path, sizeof path, "%s/entry-%d", folder, i);
        if (i % 5 == 0) {
            mkdir(path, 0700);
        } else {
            close(open(path, O_CREAT | O_WRONLY, 0600));
        }
    }
    const int directory = open(folder, O_RDONLY | O_DIRECTORY);
    char buffer[200];
    int files = 0, folders = 0, dots = 0, sum = 0;
    long bytes;
    while ((bytes = syscall(SYS_getdents64, directory, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < bytes;) {
            const struct dirent64* const entry = (const struct dirent64*)(buffer + at);
            int number = -1;
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
                ++dots;
            } else if (sscanf(entry->d_name, "entry-%d", &number) == 1) {
                files += entry->d_type == DT_REG;
                folders += entry->d_type == DT_DIR;
                sum += number;
            }
            at += entry->d_reclen;
        }
    }
    SHOW(bytes);
    SHOW(dots);
    SHOW(files);
    SHOW(folders);
    SHOW(sum);
    TRY(syscall(SYS_getdents64, directory, buffer, 10));
    TRY(lseek(directory, 0, SEEK_SET));
    TRY_OK(syscall(SYS_getdents64, directory, buffer, sizeof buffer));
    TRY(syscall(SYS_getdents64, directory, buffer, 10));
    TRY(read(directory, buffer, 10));
    TRY(write(directory, buffer, 10));
    for (int i = 0; i < 30; ++i) {
        snprintf(path, sizeof path, "%s/entry-%d", folder, i);
        if (i % 5 == 0) {
            rmdir(path);
        } else {
            unlink(path);
        }
    }
    TRY(rmdir(folder));
    return 0;
}
