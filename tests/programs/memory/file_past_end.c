/* Which fault is an access to a mapping past the end of its file, and which a call's errno? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(page + 1);
    char* const shared = TRY_MAP(mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    char* const own = TRY_MAP(mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0));
    FAULT(shared, *(volatile char*)(shared + page));
    FAULT(shared, *(volatile char*)(shared + 2 * page));
    FAULT(shared, *(volatile char*)(shared + 2 * page) = 1);
    FAULT(own, *(volatile char*)(own + 3 * page + 5));
    FAULT(own, *(volatile char*)(own + 3 * page + 5) = 1);
    TRY(write(file, shared + 2 * page, 1));
    TRY(read(file, shared + 2 * page, 1));
    return 0;
}
