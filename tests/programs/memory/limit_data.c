/* Does RLIMIT_DATA count private writable mappings, and not those only for reading or shared? */
#include "tests/programs/support/check.h"

int main(void) {
    struct rlimit before;
    TRY(getrlimit(RLIMIT_DATA, &before));
    const struct rlimit small = {.rlim_cur = 4 << 20, .rlim_max = before.rlim_max};
    TRY(setrlimit(RLIMIT_DATA, &small));
    TRY_MAP(mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    char* const readable = TRY_MAP(mmap(NULL, 8 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    TRY(mprotect(readable, 8 << 20, PROT_READ | PROT_WRITE));
    TRY_MAP(mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    TRY(setrlimit(RLIMIT_DATA, &before));
    TRY(mprotect(readable, 8 << 20, PROT_READ | PROT_WRITE));
    return 0;
}
