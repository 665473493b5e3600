/* Do symbolic links lead on, loops end, and renames replace? */
#include "tests/programs/support/check.h"

int main(void) {
    char folder[64], text[64] = "";
    snprintf(folder, sizeof folder, "/tmp/quire-link-%d", getpid());
    mkdir(folder, 0700);
    chdir(folder);
    int file = open("target", O_CREAT | O_WRONLY, 0600);
    write(file, "here", 4);
    close(file);
    TRY(symlink("target", "link"));
    TRY(symlink("loop", "loop"));
    TRY(symlink("nowhere", "dangling"));
    TRY(readlink("link", text, sizeof text));
    say("%s", text);
    TRY(readlink("target", text, sizeof text));
    file = open("link", O_RDONLY);
    TRY(read(file, text, 4));
    TRY(open("loop", O_RDONLY));
    TRY(open("dangling", O_RDONLY));
    TRY(open("link", O_RDONLY | O_NOFOLLOW));
    struct stat status;
    TRY(lstat("link", &status));
    SHOW(S_ISLNK(status.st_mode));
    TRY(stat("link", &status));
    SHOW(S_ISREG(status.st_mode));
    file = open("other", O_CREAT | O_WRONLY, 0600);
    write(file, "other", 5);
    TRY(rename("other", "target"));
    TRY(access("other", F_OK));
    stat("link", &status);
    SHOW(status.st_size);
    TRY(rename("nowhere", "x"));
    TRY(mkdir("d", 0700));
    TRY(rename("target", "d"));
    TRY(rename("d", "target"));
    TRY(rename("target", "d/target"));
    TRY(unlink("d/target"));
    TRY(unlink("link"));
    TRY(unlink("loop"));
    TRY(unlink("dangling"));
    TRY(rmdir("d"));
    chdir("/");
    TRY(rmdir(folder));
    return 0;
}
