/* Does the stack grow by itself, page by page and in one long step, within its limit? */
#include "tests/programs/support/check.h"

static int deep(int levels) {
    volatile char room[page];
    room[0] = (char)levels;
    return levels == 0 ? 0 : deep(levels - 1) + (room[0] == (char)levels);
}

int main(void) {
    SHOW(deep(500));
    volatile char* const far = (volatile char*)__builtin_frame_address(0) - (4 << 20);
    FAULT(far, *far);
    FAULT(far, *far = 1);
    FAULT(far, *(far - (1 << 20)) = 1);
    SHOW(*far);
    return 0;
}
