/* What does each flag of open do, and which errno does each obstacle give? */
#include "tests/programs/support/check.h"

int main(void) {
    char folder[64], path[96];
    snprintf(folder, sizeof folder, "/tmp/quire-open-%d", getpid());
    snprintf(path, sizeof path, "%s/file", folder);
    TRY(open(path, O_RDWR | O_CREAT, 0600));
    TRY(mkdir(folder, 0700));
    TRY(mkdir(folder, 0700));
    TRY(open(path, O_RDWR));
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL, 0640);
    TRY(write(file, "contents", 8));
    TRY(open(path, O_RDWR | O_CREAT | O_EXCL, 0600));
    struct stat status;
    TRY(stat(path, &status));
    say("mode %o, %ld bytes, %ld links", (unsigned)status.st_mode, (long)status.st_size, (long)status.st_nlink);
    TRY_OK(open(path, O_WRONLY | O_TRUNC));
    fstat(file, &status);
    SHOW(status.st_size);
    const int reader = open(path, O_RDONLY);
    TRY(write(reader, "x", 1));
    const int writer = open(path, O_WRONLY);
    char byte;
    TRY(read(writer, &byte, 1));
    TRY(open(folder, O_WRONLY));
    TRY_OK(open(folder, O_RDONLY | O_DIRECTORY));
    TRY(open(path, O_RDONLY | O_DIRECTORY));
    snprintf(path, sizeof path, "%s/file/more", folder);
    TRY(open(path, O_RDONLY));
    TRY(mkdir(path, 0700));
    TRY(rmdir(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    TRY(unlink(folder));
    TRY(rmdir(path));
    TRY(unlink(path));
    TRY(unlink(path));
    TRY(rmdir(folder));
    TRY(rmdir(folder));
    TRY(open("", O_RDONLY));
    return 0;
}
