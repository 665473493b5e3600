/* Are the ranges that a process locks split, merged and told of as fcntl(2) says? A child asks, byte by byte. */
#include "tests/programs/support/check.h"

static int file;

static struct flock range(short type, short whence, off_t start, off_t length) {
    return (struct flock){.l_type = type, .l_whence = whence, .l_start = start, .l_len = length};
}
static int set(short type, short whence, off_t start, off_t length) {
    struct flock lock = range(type, whence, start, length);
    return fcntl(file, F_SETLK, &lock);
}

/* What another process learns of the first 40 bytes: w and r for locks, and the ranges that F_GETLK names. */
static void show(const char* what) {
    const pid_t parent = getpid();
    fflush(stdout);
    if (fork() == 0) {
        char text[500] = "";
        int used = 0;
        for (int at = 0; at < 40; ++at) {
            struct flock lock = range(F_WRLCK, SEEK_SET, at, 1);
            fcntl(file, F_GETLK, &lock);
            text[used++] = lock.l_type == F_UNLCK ? '.' : lock.l_type == F_RDLCK ? 'r' : 'w';
        }
        struct flock lock = range(F_WRLCK, SEEK_SET, 0, 0);
        while (fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK) {
            used += sprintf(text + used, " %d+%d%s", (int)lock.l_start, (int)lock.l_len,
                            lock.l_pid == parent ? "" : " of somebody else");
            if (lock.l_len == 0) {
                break;
            }
            lock = range(F_WRLCK, SEEK_SET, lock.l_start + lock.l_len, 0);
        }
        say("%s: %s", what, text);
        _exit(0);
    }
    wait(NULL);
}

static void forms(void) {
    lseek(file, 20, SEEK_SET);
    TRY(set(F_WRLCK, SEEK_CUR, -5, 3));
    show("from the position");
    TRY(set(F_RDLCK, SEEK_END, -5, 2));
    show("from the end");
    TRY(set(F_WRLCK, SEEK_SET, 12, -2));
    show("backwards");
    TRY(set(F_UNLCK, SEEK_SET, 0, 0));
    show("unlocked");
    TRY(set(F_WRLCK, SEEK_SET, -1, 1));
    TRY(set(F_WRLCK, SEEK_SET, 2, -3));
    TRY(set(F_WRLCK, 3, 0, 1));
    TRY(set(7, SEEK_SET, 0, 1));
    TRY(set(F_WRLCK, SEEK_CUR, INT64_MAX, 1));
    TRY(set(F_WRLCK, SEEK_SET, 5, INT64_MAX));
    TRY(set(F_WRLCK, SEEK_SET, INT64_MAX, 1));
    TRY(set(F_UNLCK, SEEK_SET, INT64_MAX, 0));
    struct flock lock = range(F_UNLCK, SEEK_SET, 0, 0);
    TRY(fcntl(file, F_GETLK, &lock));
    lock = range(F_WRLCK, SEEK_SET, 0, 0);
    TRY(fcntl(file, F_GETLK, &lock));
    SHOW(lock.l_type == F_UNLCK);
    TRY(fcntl(file, F_SETLK, WILD));
    TRY(fcntl(file, F_GETLK, HIGH));
    TRY(fcntl(999, F_SETLK, &lock));
}

int main(void) {
    file = open_file(40);
    set(F_RDLCK, SEEK_SET, 10, 10);
    show("one");
    set(F_RDLCK, SEEK_SET, 20, 5);
    show("touching, merged");
    set(F_WRLCK, SEEK_SET, 13, 4);
    show("another kind in the middle");
    set(F_UNLCK, SEEK_SET, 15, 1);
    show("a hole in it");
    set(F_WRLCK, SEEK_SET, 15, 1);
    show("the hole filled");
    set(F_RDLCK, SEEK_SET, 5, 30);
    show("over all");
    set(F_UNLCK, SEEK_SET, 0, 7);
    set(F_UNLCK, SEEK_SET, 33, 0);
    show("cut at both ends");
    set(F_WRLCK, SEEK_SET, 0, 0);
    show("to the end of the file");
    set(F_UNLCK, SEEK_SET, 3, 2);
    show("but two bytes");
    set(F_UNLCK, SEEK_SET, 0, 0);
    forms();
    const int other = open("/dev/null", O_RDONLY);
    struct flock lock = range(F_WRLCK, SEEK_SET, 0, 0);
    TRY(fcntl(other, F_SETLK, &lock));
    lock.l_type = F_RDLCK;
    TRY(fcntl(other, F_SETLK, &lock));
    const int path = open("/dev/null", O_PATH);
    TRY(fcntl(path, F_SETLK, &lock));
    return 0;
}
