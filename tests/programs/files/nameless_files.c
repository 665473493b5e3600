/* Does O_TMPFILE make a file that no directory has, and that linkat can name, once? And what of attributes and O_PATH?
 */
#include "tests/programs/support/check.h"

#include <sys/xattr.h>

static long links(int file) {
    struct stat status;
    fstat(file, &status);
    return (long)status.st_nlink;
}
int main(void) {
    umask(027);
    mkdir("/dev/shm/nameless", 0700);
    chdir("/dev/shm/nameless");
    TRY_OK(open(".", O_TMPFILE | O_RDONLY, 0600));
    TRY_OK(open(".", (O_TMPFILE & ~O_DIRECTORY) | O_RDWR, 0600));
    TRY_OK(open(".", O_TMPFILE | O_RDWR | O_CREAT, 0600));
    TRY_OK(open("missing", O_TMPFILE | O_RDWR, 0600));
    TRY_OK(open("/dev/null", O_TMPFILE | O_RDWR, 0600));
    const int file = open(".", O_TMPFILE | O_RDWR, 0666);
    SHOW(fcntl(file, F_GETFL) == (O_TMPFILE | O_RDWR | O_LARGEFILE));
    struct stat status;
    fstat(file, &status);
    say("mode %o links %ld", status.st_mode, links(file));
    TRY(write(file, "content", 7));
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    TRY(readlink(path, text, sizeof text) > 20);
    TRY(linkat(AT_FDCWD, path, AT_FDCWD, "named", 0));
    TRY(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
    TRY(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
    SHOW(links(file));
    TRY(linkat(file, "", AT_FDCWD, "again", AT_EMPTY_PATH));
    SHOW(links(file));
    const int named = open("named", O_RDONLY);
    TRY(read(named, text, sizeof text));
    TRY(unlink("named"));
    TRY(unlink("again"));
    SHOW(links(file));
    TRY(linkat(file, "", AT_FDCWD, "again", AT_EMPTY_PATH)); /* removed is removed */
    const int only = open(".", O_TMPFILE | O_EXCL | O_WRONLY, 0600);
    TRY(linkat(only, "", AT_FDCWD, "only", AT_EMPTY_PATH));
    const int written = open(".", O_TMPFILE | O_WRONLY, 0600);
    TRY(linkat(written, "", AT_FDCWD, "only", AT_EMPTY_PATH));
    TRY(read(written, text, 1));
    TRY(linkat(memfd_create("m", 0), "", AT_FDCWD, "memory", AT_EMPTY_PATH));
    TRY(unlink("only"));
    TRY(chdir("/"));
    const int last = open("/dev/shm/nameless", O_TMPFILE | O_RDWR, 0600);
    TRY(rmdir("/dev/shm/nameless"));
    TRY(linkat(last, "", AT_FDCWD, "/dev/shm/outside", AT_EMPTY_PATH));
    TRY(unlink("/dev/shm/outside"));

    const int where = open("/dev", O_PATH);
    TRY(fgetxattr(where, "user.a", text, sizeof text));
    TRY(fsetxattr(where, "user.a", text, 1, 0));
    TRY(flistxattr(where, text, sizeof text));
    TRY(fremovexattr(where, "user.a"));
    TRY(fgetxattr(999, "user.a", text, sizeof text));
    TRY(getxattr("/missing", "user.a", text, sizeof text));
    TRY(lgetxattr("/missing", "user.a", text, sizeof text));
    TRY(getxattr("/proc/self", "user.a", text, sizeof text));
    return 0;
}
