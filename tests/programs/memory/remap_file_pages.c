/* What does remap_file_pages show, and where is it refused? */
#include "tests/programs/support/check.h"

#define REMAP(start, bytes, protection, first, flags)                                                                  \
    TRY(syscall(SYS_remap_file_pages, start, bytes, protection, first, flags))

int main(void) {
    const int file = open_file(16 * page);
    char* const shared = mmap(NULL, 16 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    REMAP(shared, page, 0, 3, 0);
    SHOW(shared[0]);
    SHOW(shared[page]);
    REMAP(shared, page, PROT_READ, 3, 0);
    REMAP(shared, page, 0, 5, MAP_NONBLOCK);
    SHOW(shared[0]);
    REMAP(shared + 100, 5000, 0, 7, -1);
    SHOW(shared[0]);
    SHOW(shared[page]);
    SHOW(mappings_in(shared, 16 * page));
    REMAP(shared, 0, 0, 3, 0);
    REMAP(shared + page, 2 * page, 0, 100, 0);
    FAULT(shared, *(volatile char*)(shared + page));
    REMAP(shared, 16 * page, 0, 0, 0);
    SHOW(shared[0]);
    SHOW(shared[page]);
    SHOW(mappings_in(shared, 16 * page));
    REMAP(shared + 15 * page, 17 * page, 0, 0, 0);
    mprotect(shared + 2 * page, page, PROT_READ);
    REMAP(shared, 16 * page, 0, 0, 0);
    REMAP(shared + 2 * page, page, 0, 9, 0);
    SHOW(shared[2 * page]);
    FAULT(shared, *(volatile char*)(shared + 2 * page) = 1);
    char* const private = mmap(NULL, page, PROT_READ, MAP_PRIVATE, file, 0);
    REMAP(private, page, 0, 1, 0);
    REMAP(WILD, page, 0, 1, 0);
    char* const memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memory[page] = 'm';
    REMAP(memory, page, 0, 1, 0);
    SHOW(memory[0]);
    return 0;
}
