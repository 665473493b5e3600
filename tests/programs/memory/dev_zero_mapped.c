/* Does /dev/zero map as zeroed memory, private and shared, and /dev/null not at all? */
#include "tests/programs/support/check.h"

int main(void) {
    const int zero = open("/dev/zero", O_RDWR);
    char* const own = TRY_MAP(mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0));
    SHOW(all_bytes(own, 2 * page, 0));
    own[0] = 'x';
    char* const shared = TRY_MAP(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, zero, 0));
    if (in_child()) {
        shared[0] = 's';
        own[0] = 'y';
        return 0;
    }
    wait_child();
    SHOW(shared[0]);
    SHOW(own[0]);
    char buffer[10] = "xxxxxxxxx";
    TRY(read(zero, buffer, 10));
    SHOW(all_bytes(buffer, 10, 0));
    const int null = open("/dev/null", O_RDWR);
    TRY(read(null, buffer, 10));
    TRY(write(null, buffer, 10));
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_PRIVATE, null, 0));
    return 0;
}
