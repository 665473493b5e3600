/* Until when may a parent move its child to another process group? */
#include "tests/programs/support/check.h"

int main(int count, char** arguments) {
    (void)arguments;
    char byte = 0;
    if (count > 1) {
        write(50, "", 1);
        read(51, &byte, 1);
        TRY(setpgid(0, 0));
        return 0;
    }
    int begun[2], rest[2];
    pipe(begun);
    pipe(rest);
    const pid_t child = fork();
    if (child == 0) {
        dup2(begun[1], 50);
        dup2(rest[0], 51);
        close(rest[1]);
        read(51, &byte, 1);
        exec_self("after", NULL);
        _exit(1);
    }
    TRY(setpgid(child, child));
    SHOW(getpgid(child) == child);
    TRY(setpgid(child, getpgrp()));
    write(rest[1], "", 1);
    read(begun[0], &byte, 1);
    TRY(setpgid(child, child));
    SHOW(getpgid(child) == getpgrp());
    TRY(setpgid(child, -1));
    close(rest[1]);
    wait_for(child, "child");
    return 0;
}
