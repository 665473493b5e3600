/* Under READ_IMPLIES_EXEC, may what can be read be executed: new mappings, mprotect, the heap, and after fork? */
#include "tests/programs/support/check.h"

#include <sys/personality.h>

static const unsigned char code[] = {0xB8, 2, 0, 0, 0, 0xC3}; /* mov eax, 2; ret */

static void try(const char* what, char* place) {
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        _exit(((int (*)(void))place)());
    }
    wait_for(child, what);
}

static void try_all(void) {
    char* const mapping = map_pages(1, PROT_READ | PROT_WRITE);
    memcpy(mapping, code, sizeof code);
    try("mapping", mapping);
    char* const changed = map_pages(1, PROT_READ | PROT_WRITE);
    memcpy(changed, code, sizeof code);
    mprotect(changed, page, PROT_READ);
    try("mprotect", changed);
    char* const heap = sbrk(16 * page) + 15 * page;
    memcpy(heap, code, sizeof code);
    try("heap", heap);
    char* const unreadable = map_pages(1, PROT_READ | PROT_WRITE);
    memcpy(unreadable, code, sizeof code);
    mprotect(unreadable, page, PROT_NONE);
    try("nothing allowed", unreadable);
}

int main(void) {
    const int before = personality(0xffffffff);
    SHOW((before & READ_IMPLIES_EXEC) != 0);
    try_all();
    personality(before | READ_IMPLIES_EXEC);
    SHOW((personality(0xffffffff) & READ_IMPLIES_EXEC) != 0);
    sbrk(page); /* apart from what the heap was before */
    try_all();
    return 0;
}
