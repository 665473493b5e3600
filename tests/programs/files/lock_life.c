/* Who has a lock after fork, exec, dup and close; who waits for it, what ends the wait, and who is told of a deadlock?
   Nobody waits for a time: a process that is to sleep is asked for in /proc/PID/stat. */
#include "tests/programs/support/check.h"

#include <sched.h>
#include <signal.h>
#include <sys/file.h>

static char path[64];
static int file;

static int record(int of, int command, short type, off_t start, off_t length) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(of, command, &lock);
}

/* Whether another process could lock the byte for writing. */
static int is_free(off_t at) {
    const pid_t child = fork();
    if (child == 0) {
        const int own = open(path, O_RDWR);
        _exit(record(own, F_SETLK, F_WRLCK, at, 1) == 0 ? 1 : errno == EAGAIN ? 0 : 9);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}
/* The same for flock. */
static int is_free_whole(int kind) {
    const pid_t child = fork();
    if (child == 0) {
        const int own = open(path, O_RDWR);
        _exit(flock(own, kind | LOCK_NB) == 0 ? 1 : errno == EWOULDBLOCK ? 0 : 9);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

/* Until that process sleeps. */
static void wait_until_asleep(pid_t process) {
    char name[64], text[512];
    snprintf(name, sizeof name, "/proc/%d/stat", (int)process);
    for (;;) {
        const int stat = open(name, O_RDONLY);
        const ssize_t bytes = read(stat, text, sizeof text - 1);
        close(stat);
        text[bytes > 0 ? bytes : 0] = 0;
        const char* const state = strrchr(text, ')');
        if (state != NULL && state[2] == 'S') {
            return;
        }
        sched_yield();
    }
}

static void closing(void) {
    record(file, F_SETLK, F_WRLCK, 0, 10);
    SHOW(is_free(0));
    SHOW(is_free(10));
    TRY(record(file, F_SETLK, F_WRLCK, 5, 10)); /* one's own are never in the way */
    close(dup(file));
    SHOW(is_free(0)); /* any close of the file ends them */
    record(file, F_SETLK, F_WRLCK, 0, 10);
    close(open(path, O_RDONLY));
    SHOW(is_free(0));
    record(file, F_SETLK, F_WRLCK, 0, 10);
    close(open(path, O_PATH));
    SHOW(is_free(0));
    dup2(1, dup(file));
    SHOW(is_free(0));
    const int copy = dup(file);
    dup2(file, copy);
    SHOW(is_free(0));
    close(copy);
    SHOW(is_free(0));
    record(file, F_SETLK, F_WRLCK, 0, 10);
    if (in_child()) {
        SHOW(record(file, F_SETLK, F_WRLCK, 0, 1) < 0 && errno == EAGAIN); /* not inherited … */
        close(file);                                                       /* … and not the child's to end */
        _exit(0);
    }
    wait_child();
    SHOW(is_free(0));
    TRY(record(file, F_SETLK, F_UNLCK, 0, 0));
}

static void open_files(void) {
    const int other = open(path, O_RDWR);
    TRY(record(file, F_OFD_SETLK, F_WRLCK, 0, 10));
    SHOW(record(other, F_OFD_SETLK, F_RDLCK, 9, 1) < 0 && errno == EAGAIN);
    SHOW(record(other, F_SETLK, F_RDLCK, 9, 1) < 0 && errno == EAGAIN); /* the same process, but not its lock */
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    TRY(fcntl(other, F_OFD_GETLK, &lock));
    SHOW(lock.l_type == F_WRLCK);
    SHOW(lock.l_pid);
    SHOW(lock.l_len);
    lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_pid = 1};
    TRY(fcntl(other, F_OFD_SETLK, &lock));
    TRY(fcntl(other, F_OFD_GETLK, &lock));
    const int copy = dup(file);
    if (in_child()) {
        SHOW(record(file, F_OFD_SETLK, F_WRLCK, 0, 20)); /* inherited: the open file is the same */
        _exit(0);
    }
    wait_child();
    close(copy);
    SHOW(is_free(15));
    TRY(record(file, F_OFD_SETLK, F_UNLCK, 0, 0));
    SHOW(is_free(15));
    record(other, F_OFD_SETLK, F_WRLCK, 0, 0);
    close(other);
    SHOW(is_free(15));
}

static void whole_files(void) {
    const int other = open(path, O_RDONLY);
    TRY(flock(file, LOCK_EX));
    SHOW(is_free(0)); /* flock and fcntl do not meet */
    TRY(flock(other, LOCK_SH | LOCK_NB));
    TRY(flock(file, LOCK_SH));
    TRY(flock(other, LOCK_SH | LOCK_NB));
    TRY(flock(file, LOCK_EX | LOCK_NB)); /* what it had is lost */
    TRY(flock(other, LOCK_EX | LOCK_NB));
    TRY(flock(other, LOCK_UN));
    TRY(flock(other, LOCK_UN));
    TRY(flock(file, LOCK_EX));
    const int copy = dup(file);
    if (in_child()) {
        TRY(flock(file, LOCK_SH | LOCK_NB)); /* the same open file */
        _exit(0);
    }
    wait_child();
    close(file);
    SHOW(is_free_whole(LOCK_SH));
    SHOW(is_free_whole(LOCK_EX));
    close(copy);
    SHOW(is_free_whole(LOCK_EX));
    close(other);
    file = open(path, O_RDWR);
    TRY(flock(file, 0));
    TRY(flock(file, 77));
    TRY(flock(999, LOCK_SH));
    TRY(flock(open(path, O_PATH), LOCK_SH));
    TRY(flock(open(path, 3), LOCK_SH));
    TRY(flock(open(path, 3), LOCK_UN));
}

static int caught;
static void note(int number) {
    caught = number;
}

/* A child waits for a lock; the parent lets it go, or a signal comes. */
static void waiting(void) {
    for (int kind = 0; kind < 3; ++kind) {
        const int command = kind == 1 ? F_OFD_SETLKW : F_SETLKW;
        kind == 2 ? flock(file, LOCK_EX) : record(file, kind == 1 ? F_OFD_SETLK : F_SETLK, F_WRLCK, 0, 10);
        const pid_t child = fork();
        if (child == 0) {
            const int own = open(path, O_RDWR);
            _exit((kind == 2 ? flock(own, LOCK_EX) : record(own, command, F_WRLCK, 5, 1)) == 0 ? 3 : errno);
        }
        wait_until_asleep(child);
        SHOW(waitpid(child, NULL, WNOHANG));
        kind == 2 ? flock(file, LOCK_UN) : record(file, kind == 1 ? F_OFD_SETLK : F_SETLK, F_UNLCK, 5, 1);
        wait_for(child, "let in");
        kind == 2 ? flock(file, LOCK_EX) : record(file, kind == 1 ? F_OFD_SETLK : F_SETLK, F_WRLCK, 0, 10);
        for (int restart = 0; restart < 2; ++restart) {
            const pid_t again = fork();
            if (again == 0) {
                struct sigaction action = {.sa_handler = note, .sa_flags = restart ? SA_RESTART : 0};
                sigaction(SIGUSR1, &action, NULL);
                const int own = open(path, O_RDWR);
                const int got = kind == 2 ? flock(own, LOCK_EX) : record(own, command, F_WRLCK, 5, 1);
                _exit(got == 0 ? 3 : errno == EINTR ? 4 : 5);
            }
            wait_until_asleep(again);
            kill(again, SIGUSR1);
            if (restart) {
                kind == 2 ? flock(file, LOCK_UN) : record(file, kind == 1 ? F_OFD_SETLK : F_SETLK, F_UNLCK, 0, 0);
            }
            wait_for(again, restart ? "restarted" : "interrupted");
        }
        kind == 2 ? flock(file, LOCK_EX) : record(file, kind == 1 ? F_OFD_SETLK : F_SETLK, F_WRLCK, 0, 10);
        const pid_t killed = fork();
        if (killed == 0) {
            const int own = open(path, O_RDWR);
            kind == 2 ? flock(own, LOCK_EX) : record(own, command, F_WRLCK, 5, 1);
            _exit(0);
        }
        wait_until_asleep(killed);
        kill(killed, SIGKILL);
        wait_for(killed, "killed");
        kind == 2 ? flock(file, LOCK_UN) : record(file, kind == 1 ? F_OFD_SETLK : F_SETLK, F_UNLCK, 0, 0);
    }
}

/* Each of three has its byte and wants the next one's. */
static void deadlock(void) {
    int ready[2];
    pipe(ready);
    pid_t children[2];
    record(file, F_SETLK, F_WRLCK, 0, 1);
    for (int each = 0; each < 2; ++each) {
        children[each] = fork();
        if (children[each] == 0) {
            record(file, F_SETLK, F_WRLCK, each + 1, 1);
            write(ready[1], "", 1);
            _exit(record(file, F_SETLKW, F_WRLCK, each, 1) == 0 ? 3 : errno == EDEADLK ? 4 : 5);
        }
        char byte;
        read(ready[0], &byte, 1);
        wait_until_asleep(children[each]);
    }
    TRY(record(file, F_SETLKW, F_WRLCK, 1, 1));
    TRY(record(file, F_SETLK, F_WRLCK, 1, 1));
    TRY(record(file, F_SETLKW, F_WRLCK, 2, 1));
    record(file, F_SETLK, F_UNLCK, 0, 1);
    wait_for(children[0], "first");
    wait_for(children[1], "second");
    SHOW(is_free(0) && is_free(1) && is_free(2));
}

int main(int count, char** arguments) {
    if (count > 1) {
        snprintf(path, sizeof path, "%s", arguments[1]);
        SHOW(is_free(0)); /* exec keeps them */
        SHOW(is_free_whole(LOCK_EX));
        unlink(path);
        return 0;
    }
    snprintf(path, sizeof path, "/tmp/lock_life.%d", (int)getpid());
    file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    closing();
    open_files();
    whole_files();
    waiting();
    deadlock();
    record(file, F_SETLK, F_WRLCK, 0, 10);
    flock(file, LOCK_EX);
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        record(file, F_SETLKW, F_WRLCK, 0, 10);
        _exit(is_free(0));
    }
    wait_until_asleep(child);
    close(file); /* the child's copy keeps flock's, not the other */
    wait_for(child, "after the close");
    file = open(path, O_RDWR);
    record(file, F_SETLK, F_WRLCK, 0, 10);
    flock(file, LOCK_EX);
    exec_self(path, NULL);
    return 1;
}
