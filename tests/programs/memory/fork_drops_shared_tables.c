/* Does a program that has just forked see what it unmapped, dropped or replaced, where it had read many pages of it? */
#include "tests/programs/support/check.h"

enum { span = 1024 }; /* pages: all that one page table maps */

static int stale(const volatile char* area) {
    int pages = 0;
    for (int i = 0; i < span; ++i) {
        pages += area[i * page] != 0;
    }
    return pages;
}

/* Reads some pages of `area`, as they are after a fork. */
static int sum(const volatile char* area) {
    int total = 0;
    for (int i = 0; i < 20; ++i) {
        total += area[i * page];
    }
    return total;
}

static void ask(int how) {
    char* const all = map_pages(2 * span, PROT_READ | PROT_WRITE);
    char* const area = (char*)(((uintptr_t)all + span * page - 1) / (span * page) * (span * page));
    munmap(all, (size_t)(area - all));
    munmap(area + span * page, (size_t)(all + span * page - area));
    memset(area, 'A', span * page);
    int gate[2];
    pipe(gate);
    const pid_t child = fork();
    if (child == 0) {
        char byte;
        close(gate[1]);
        read(gate[0], &byte, 1); /* until the parent is done */
        _exit(area[5 * page] == 'A' ? 0 : 1);
    }
    SHOW(sum(area));
    switch (how) {
    case 0: TRY(madvise(area, span * page, MADV_DONTNEED)); break;
    case 1:
        TRY(munmap(area, span * page));
        FAULT(area, sum(area + 5 * page));
        break;
    case 2: SHOW(mmap(area, span * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == area); break;
    default: SHOW(mremap(area, span * page, page, 0) == area); break;
    }
    if (how == 0 || how == 2) {
        SHOW(stale(area));
    }
    if (how == 3) {
        FAULT(area, sum(area + page));
    }
    close(gate[0]);
    close(gate[1]);
    wait_for(child, "the child");
    munmap(area, span * page);
}

int main(void) {
    for (int how = 0; how < 4; ++how) {
        ask(how);
    }
    if (in_child()) { /* the child's side */
        char* const area = map_pages(16 * 1024, PROT_READ | PROT_WRITE);
        memset(area + 8 * 1024 * page, 7, 40 * page);
        if (in_child()) {
            SHOW(sum(area + 8 * 1024 * page));
            munmap(area, 16 * 1024 * page);
            SHOW(map_pages(16 * 1024, PROT_READ | PROT_WRITE) == area);
            SHOW(stale(area + 8 * 1024 * page));
            _exit(0);
        }
        wait_child();
        SHOW(sum(area + 8 * 1024 * page));
        _exit(0);
    }
    wait_child();
    return 0;
}
