/* Is one byte below all the stack that there may be a fault, in an access and in a call? */
#include "tests/programs/support/check.h"

int main(void) {
    const struct rlimit limit = {.rlim_cur = 1 << 20, .rlim_max = RLIM_INFINITY};
    TRY(setrlimit(RLIMIT_STACK, &limit));
    char* const below = (char*)__builtin_frame_address(0) - (2 << 20);
    FAULT(below, *(volatile char*)below);
    FAULT(below, *(volatile char*)below = 1);
    const int file = open_file(page);
    TRY(read(file, below, 1));
    TRY(write(file, below, 1));
    return 0;
}
