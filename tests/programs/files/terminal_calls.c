/* What do the terminal's calls answer of what is no terminal? */
#include "tests/programs/support/check.h"

#include <sys/ioctl.h>
#include <termios.h>

int main(void) {
    int ends[2];
    pipe(ends);
    struct termios settings;
    struct winsize size;
    TRY(tcgetattr(ends[0], &settings));
    TRY(ioctl(ends[0], TIOCGWINSZ, &size));
    SHOW(isatty(ends[0]));
    TRY(ioctl(open_file(0), TIOCGWINSZ, &size));
    TRY(ioctl(999, TIOCGWINSZ, &size));
    int waiting = -1;
    write(ends[1], "four", 4);
    TRY(ioctl(ends[0], FIONREAD, &waiting));
    SHOW(waiting);
    return 0;
}
