/* Does exec run a script by its #! line, with the line's argument? */
#include "tests/programs/support/check.h"

int main(int count, char** arguments) {
    if (count > 1) {
        SHOW(count);
        say("%s", strncmp(arguments[count - 2], "/tmp/", 5) == 0 ? "the script's path" : arguments[count - 2]);
        say("%s", arguments[count - 1]);
        return 0;
    }
    char path[64], text[256];
    snprintf(path, sizeof path, "/tmp/quire-script-%d", getpid());
    const int file = open(path, O_WRONLY | O_CREAT, 0700);
    const int length = snprintf(text, sizeof text, "#! %s exec_script\nnonsense\n", self_path());
    write(file, text, (size_t)length);
    close(file);
    if (in_child()) {
        execl(path, path, "given", (char*)NULL);
        say("exec: %s", error_name(errno));
        return 1;
    }
    wait_child();
    TRY(unlink(path));
    return 0;
}
