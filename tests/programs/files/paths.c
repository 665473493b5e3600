/* How are paths walked: dots, double and trailing slashes, relative ones, too long ones? */
#include "tests/programs/support/check.h"

int main(void) {
    char folder[64], path[512], long_name[300], longest[5000];
    snprintf(folder, sizeof folder, "/tmp/quire-path-%d", getpid());
    TRY(mkdir(folder, 0700));
    TRY(chdir(folder));
    SHOW(strcmp(getcwd(path, sizeof path), folder));
    TRY(mkdir("a", 0700));
    TRY(mkdir("a/b/", 0700));
    TRY_OK(close(open("a/b/file", O_CREAT | O_WRONLY, 0600)));
    TRY(access("a/./b/../b//file", F_OK));
    TRY(access("a/b/file/", F_OK));
    TRY(access("a/b/file/..", F_OK));
    TRY(access("a/c/../b/file", F_OK));
    TRY(chdir("a/b"));
    TRY(access("../../a/b/file", F_OK));
    TRY(chdir("file"));
    TRY(chdir("nowhere"));
    snprintf(path, sizeof path, "%s/a/b", folder);
    char here[512];
    SHOW(strcmp(getcwd(here, sizeof here), path));
    TRY(access("/../../../tmp", F_OK));
    memset(long_name, 'n', sizeof long_name);
    long_name[256] = '\0';
    TRY(access(long_name, F_OK));
    long_name[255] = '\0';
    TRY(access(long_name, F_OK));
    memset(longest, '/', sizeof longest);
    longest[4999] = '\0';
    TRY(access(longest, F_OK));
    longest[4095] = '\0';
    TRY(access(longest, F_OK));
    TRY(mkdir("/", 0700));
    TRY(rmdir("."));
    const int at = open("..", O_RDONLY | O_DIRECTORY);
    TRY_OK(openat(at, "b/file", O_RDONLY));
    TRY(openat(999, "b/file", O_RDONLY));
    const int file = open("file", O_RDONLY);
    TRY(openat(file, "x", O_RDONLY));
    TRY(fchdir(at));
    TRY(unlinkat(at, "b/file", 0));
    TRY(unlinkat(at, "b", 0));
    TRY(unlinkat(at, "b", AT_REMOVEDIR));
    TRY(chdir("/"));
    snprintf(path, sizeof path, "%s/a", folder);
    TRY(rmdir(path));
    TRY(rmdir(folder));
    return 0;
}
