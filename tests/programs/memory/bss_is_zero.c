/* Is uninitialised data zero, in its first page as in its last, though other data share its first page? */
#include "tests/programs/support/check.h"

static char bss[200 * 1024 + 13];
static int initialised = 7;

int main(void) {
    SHOW(initialised);
    SHOW(all_bytes(bss, sizeof bss, 0));
    memset(bss, 1, sizeof bss);
    SHOW(all_bytes(bss, sizeof bss, 1));
    return 0;
}
