/* Is anonymous shared memory one memory for parent, child and grandchild, also where only the child touched it first?
 */
#include "tests/programs/support/check.h"

int main(void) {
    int* const shared = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared[0] = 1;
    if (in_child()) {
        ++shared[0];
        shared[page / sizeof *shared] = 7;
        if (in_child()) {
            ++shared[0];
            shared[2 * page / sizeof *shared] = 8;
            return 0;
        }
        wait_child();
        return 0;
    }
    wait_child();
    SHOW(shared[0]);
    SHOW(shared[page / sizeof *shared]);
    SHOW(shared[2 * page / sizeof *shared]);
    SHOW(shared[3 * page / sizeof *shared]);
    return 0;
}
