/* Is the rest of a file's last page zero in a mapping, and does what is written there stay out of the file? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(page + 100);
    char* const shared = TRY_MAP(mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    char* const own = TRY_MAP(mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0));
    SHOW(shared[page + 99]);
    SHOW(all_bytes(shared + page + 100, page - 100, 0));
    SHOW(all_bytes(own + page + 100, page - 100, 0));
    FAULT(shared, shared[page + 200] = 't');
    struct stat status;
    TRY(fstat(file, &status));
    SHOW(status.st_size);
    char byte;
    TRY(pread(file, &byte, 1, page + 200));
    FAULT(own, own[2 * page - 1] = 't');
    return 0;
}
