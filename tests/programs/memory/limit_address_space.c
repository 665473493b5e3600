/* Does RLIMIT_AS stop mmap, mremap and brk, and change nothing when it does? */
#include "tests/programs/support/check.h"

int main(void) {
    struct rlimit before;
    TRY(getrlimit(RLIMIT_AS, &before));
    char* const area = map_pages(4, PROT_READ | PROT_WRITE);
    const long at = syscall(SYS_brk, 0);
    const struct rlimit small = {.rlim_cur = 1 << 20, .rlim_max = before.rlim_max};
    const int done = setrlimit(RLIMIT_AS, &small);
    void* const mapped = mmap(NULL, 8 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int map_error = errno;
    void* const moved = mremap(area, 4 * page, 8 << 20, MREMAP_MAYMOVE);
    const int move_error = errno;
    const bool same = syscall(SYS_brk, at + (8 << 20)) == at;
    TRY(setrlimit(RLIMIT_AS, &before));
    SHOW(done);
    say("mmap: %s", mapped == MAP_FAILED ? error_name(map_error) : "mapped");
    say("mremap: %s", moved == MAP_FAILED ? error_name(move_error) : "mapped");
    SHOW(same);
    FAULT(area, area[3 * page] = 1);
    TRY_MAP(mmap(NULL, 8 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    return 0;
}
