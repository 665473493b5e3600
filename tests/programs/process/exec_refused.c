/* What does exec refuse, and is the program still there when it has? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const arguments[] = {"x", NULL};
    TRY(execve("/nowhere/at/all", arguments, NULL));
    TRY(execve("", arguments, NULL));
    TRY(execve("/tmp", arguments, NULL));
    TRY(execve("/dev/null", arguments, NULL));
    TRY(syscall(SYS_execve, WILD, arguments, NULL));
    SINCE(6, 8, TRY(syscall(SYS_execve, "/nowhere", WILD, NULL)),
          "syscall(SYS_execve, \"/nowhere\", WILD, NULL): ENOENT");
    TRY(syscall(SYS_execve, self_path(), WILD, NULL));
    TRY(syscall(SYS_execve, self_path(), arguments, WILD));
    char* const bad[] = {"x", WILD, NULL};
    TRY(execve(self_path(), bad, NULL));
    TRY(execve(self_path(), arguments, bad));
    char path[64];
    snprintf(path, sizeof path, "/tmp/quire-exec-%d", getpid());
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    TRY(write(file,
              "\x7f"
              "ELF garbage",
              12));
    close(file);
    TRY(execve(path, arguments, NULL)); /* not executable */
    TRY(chmod(path, 0700));
    TRY(execve(path, arguments, NULL));
    file = open(path, O_WRONLY | O_TRUNC);
    close(file);
    TRY(execve(path, arguments, NULL)); /* empty */
    file = open(path, O_WRONLY | O_TRUNC);
    write(file, "just text\n", 10);
    close(file);
    TRY(execve(path, arguments, NULL));
    TRY(unlink(path));
    char* const too_long = malloc(200000);
    memset(too_long, 'x', 199999);
    too_long[199999] = '\0';
    TRY(execve(too_long, arguments, NULL));
    char* const large[] = {"x", too_long, NULL};
    TRY(execve(self_path(), large, NULL)); /* one argument of more than 128 KiB */
    return 0;
}
