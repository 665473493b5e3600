/* What becomes of private copies of a file's pages when the file gets a hole there, and when it is cut off? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(4 * page);
    char* const private = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    char* const shared = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    private[0] = 'P';
    private[2 * page] = 'Q';
    SHOW(private[page]);
    TRY(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 2 * page));
    SHOW(private[0]);
    SHOW(private[1]);
    SHOW(private[page]);
    SHOW(shared[0]);
    TRY(madvise(shared + 2 * page, 2 * page, MADV_REMOVE));
    SHOW(private[2 * page]);
    SHOW(private[3 * page]);
    SHOW(shared[2 * page]);
    if (in_child()) { /* who shares the page tables */
        pwrite(file, "new", 3, 0);
        TRY(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4 * page));
        SHOW(private[0]);
        SHOW(shared[0]);
        _exit(0);
    }
    wait_child();
    SHOW(private[0]);
    TRY(ftruncate(file, page));
    SHOW(private[0]);
    FAULT(private, *(volatile char*)(private + 2 * page));
    TRY(ftruncate(file, 0));
    FAULT(private, *(volatile char*)private);
    TRY(ftruncate(file, 4 * page));
    SHOW(private[0]);
    SHOW(private[2 * page]);
    char* const memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memory[0] = 'M';
    TRY(madvise(memory, page, MADV_REMOVE));
    SHOW(memory[0]);
    return 0;
}
