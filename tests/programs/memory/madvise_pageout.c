/* Which pages may be told to go, to be cold or to come, and are they as they were afterwards? */
#include "tests/programs/support/check.h"

static void advise_all(char* start, size_t bytes) {
    TRY(madvise(start, bytes, MADV_COLD));
    TRY(madvise(start, bytes, MADV_PAGEOUT));
    TRY(madvise(start, bytes, MADV_WILLNEED));
}

int main(void) {
    char* const own = map_pages(8, PROT_READ | PROT_WRITE);
    memset(own, 'x', 4 * page);
    advise_all(own, 8 * page); /* half of it was never touched */
    SHOW(all_bytes(own, 4 * page, 'x') && all_bytes(own + 4 * page, 4 * page, 0));
    own[0] = 'y';
    TRY(madvise(own, page, MADV_PAGEOUT));
    SHOW(own[0] == 'y' && own[1] == 'x');

    say("-- arguments");
    TRY(madvise(own + 1, page, MADV_PAGEOUT));
    TRY(madvise(own, 0, MADV_PAGEOUT));
    TRY(madvise(own, 0xffffffff, MADV_COLD));

    say("-- a hole is told of, and passed over");
    TRY(munmap(own + 2 * page, page));
    advise_all(own, 4 * page);
    advise_all(own + 2 * page, page);
    SHOW(own[0] == 'y' && own[3 * page] == 'x');

    say("-- locked");
    TRY(mlock(own, page));
    advise_all(own, page);
    advise_all(own, 2 * page);
    TRY(munlock(own, page));
    advise_all(own, 2 * page);

    say("-- not to be touched");
    TRY(mprotect(own, page, PROT_NONE));
    advise_all(own, page);
    TRY(mprotect(own, page, PROT_READ));
    SHOW(own[0] == 'y' && own[page - 1] == 'x');

    say("-- shared");
    char* const shared = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(shared, 's', 2 * page);
    if (in_child()) {
        advise_all(shared, 2 * page);
        shared[0] = 't';
        return 0;
    }
    wait_child();
    SHOW(shared[0] == 't' && all_bytes(shared + 1, 2 * page - 1, 's'));

    say("-- a file's");
    const int file = open_file(3 * page);
    char* const mapped = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    mapped[page] = 'p';
    advise_all(mapped, 3 * page);
    SHOW(mapped[0] == 'a' && mapped[page] == 'p' && mapped[page + 1] == 'b' && mapped[2 * page] == 'c');
    TRY(madvise(mapped, page, MADV_FREE));
    return 0;
}
