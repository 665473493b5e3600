/* Do parent and child each keep their own memory after a fork: data, heap, stack and mappings? */
#include "tests/programs/support/check.h"

static int data = 1;

int main(void) {
    int local = 1;
    char* const heap = malloc(100);
    char* const mapped = map_pages(4, PROT_READ | PROT_WRITE);
    strcpy(heap, "heap");
    strcpy(mapped + page, "mapped");
    if (in_child()) {
        SHOW(data + local);
        data = local = 2;
        strcpy(heap, "changed");
        strcpy(mapped + page, "changed");
        SHOW(data + local);
        return 3;
    }
    wait_child();
    SHOW(data + local);
    SHOW(strcmp(heap, "heap") | strcmp(mapped + page, "mapped"));
    return 0;
}
