/* Is a program that is open for writing not started, and one that runs not opened for writing? A script's interpreter
 * counts like the program itself. */
#include "tests/programs/support/check.h"

static char program[64], script[64];

static void copy_self(int to) {
    static char buffer[16 * page];
    const int from = open("/proc/self/exe", O_RDONLY);
    for (ssize_t bytes; (bytes = read(from, buffer, sizeof buffer)) > 0;) {
        write(to, buffer, (size_t)bytes);
    }
    close(from);
}

static void run(const char* path) {
    if (in_child()) {
        execl(path, "programs", "exit_with", "7", (char*)NULL);
        say("exec: %s", error_name(errno));
        _exit(1);
    }
    wait_child();
}

int main(int count, char** arguments) {
    char byte;
    if (count > 1 && strcmp(arguments[1], "waits") == 0) {
        TRY(read(0, &byte, 1));
        return 0;
    }
    snprintf(program, sizeof program, "/tmp/quire-busy-%d", getpid());
    snprintf(script, sizeof script, "/tmp/quire-busy-script-%d", getpid());
    int file = open(program, O_WRONLY | O_CREAT, 0700);
    copy_self(file);
    run(program);
    close(file);
    run(program);

    /* a script, then its interpreter */
    const int text = open(script, O_WRONLY | O_CREAT, 0700);
    dprintf(text, "#!%s exit_with\n", program);
    run(script);
    close(text);
    file = open(program, O_RDWR);
    run(script);
    close(file);

    /* while it runs */
    int ends[2], status[2];
    pipe(ends);
    pipe(status);
    if (in_child()) {
        dup2(ends[0], 0);
        close(ends[1]);
        fcntl(status[1], F_SETFD, FD_CLOEXEC);
        close(status[0]);
        execl(program, "programs", "text_busy", "waits", (char*)NULL);
        _exit(1);
    }
    close(ends[0]);
    close(status[1]);
    read(status[0], &byte, 1); /* comes back when exec has closed the other end */
    TRY(open(program, O_WRONLY));
    TRY(open(program, O_RDWR | O_TRUNC));
    TRY(truncate(program, 0));
    TRY_OK(file = open(program, O_RDONLY));
    TRY(fchmod(file, 0755));
    close(file);
    close(ends[1]);
    wait_child();
    TRY_OK(file = open(program, O_WRONLY));
    TRY(unlink(program));
    TRY(unlink(script));
    return 0;
}
