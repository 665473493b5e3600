/* Does mprotect refuse to make writable what shares a file that is open for reading? */
#include "tests/programs/support/check.h"

int main(void) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/quire-mode-%d", getpid());
    const int file = open(path, O_RDWR | O_CREAT, 0600);
    TRY(ftruncate(file, 2 * page));
    const int reader = open(path, O_RDONLY);
    const int writer = open(path, O_WRONLY);
    TRY(unlink(path));
    TRY_MAP(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0));
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_SHARED, writer, 0));
    TRY_MAP(mmap(NULL, page, PROT_WRITE, MAP_SHARED, writer, 0));
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_PRIVATE, writer, 0));
    char* const shared = TRY_MAP(mmap(NULL, page, PROT_READ, MAP_SHARED, reader, 0));
    TRY(mprotect(shared, page, PROT_READ | PROT_WRITE));
    FAULT(shared, *shared = 1);
    char* const own = TRY_MAP(mmap(NULL, page, PROT_READ, MAP_PRIVATE, reader, 0));
    TRY(mprotect(own, page, PROT_READ | PROT_WRITE));
    FAULT(own, *own = 'o');
    char byte = 0;
    TRY(pread(file, &byte, 1, 0));
    SHOW(byte);
    return 0;
}
