/* Do three hundred processes share one page, and is it the parent's own again after the last? */
#include "tests/programs/support/check.h"

enum { sharers = 300 };

int main(void) {
    volatile int* const area = (volatile int*)map_pages(1, PROT_READ | PROT_WRITE);
    *area = 7;
    int hold[2], done[2];
    TRY(pipe(hold));
    TRY(pipe(done));
    int made = 0, sum = 0;
    for (; made < sharers; ++made) {
        const pid_t child = fork();
        if (child < 0) {
            say("fork: %s", error_name(errno));
            break;
        }
        if (child == 0) {
            char byte = (char)*area;
            close(hold[1]);
            write(done[1], &byte, 1);
            read(hold[0], &byte, 1); /* until the parent closes its end */
            if (made % 3 == 0) {
                *area = made;
            }
            _exit(*area == (made % 3 == 0 ? made : 7) ? 0 : 1);
        }
    }
    SHOW(made);
    for (int i = 0; i < made; ++i) {
        char byte = 0;
        read(done[0], &byte, 1);
        sum += byte;
    }
    SHOW(sum);
    close(hold[1]);
    int failed = 0, status;
    while (wait(&status) > 0) {
        failed += status != 0;
    }
    SHOW(failed);
    SHOW(*area);
    *area = 8;
    SHOW(*area);
    return 0;
}
