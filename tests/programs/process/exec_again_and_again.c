/* May a process exec itself a hundred times in a row, with mappings and files each time? */
#include "tests/programs/support/check.h"

int main(int count, char** arguments) {
    int left = count > 1 ? atoi(arguments[1]) : 100;
    char* const area = map_pages(64, PROT_READ | PROT_WRITE);
    memset(area, 'x', 64 * page);
    if (left > 0) {
        char text[16];
        snprintf(text, sizeof text, "%d", left - 1);
        exec_self(text, NULL);
        say("exec: %s", error_name(errno));
        return 1;
    }
    say("the last");
    return 0;
}
