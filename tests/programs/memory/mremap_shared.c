/* Does a shared mapping stay the same memory when it is moved or copied? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const shared = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    strcpy(shared, "first");
    char* const copy = TRY_MAP(mremap(shared, 0, 2 * page, MREMAP_MAYMOVE));
    SHOW(copy != shared);
    SHOW(strcmp(copy, "first"));
    strcpy(copy, "second");
    SHOW(strcmp(shared, "second"));
    char* const moved =
        TRY_MAP(mremap(shared, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, map_pages(2, PROT_NONE)));
    SHOW(strcmp(moved, "second"));
    if (in_child()) {
        strcpy(moved, "third");
        return 0;
    }
    wait_child();
    SHOW(strcmp(copy, "third"));
    return 0;
}
