/* Is a file in /dev/shm one memory for processes that open it by name? */
#include "tests/programs/support/check.h"

int main(void) {
    char path[64];
    snprintf(path, sizeof path, "/dev/shm/quire-%d", getpid());
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    SHOW(file >= 0);
    TRY(ftruncate(file, page));
    char* const mine = TRY_MAP(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    if (in_child()) {
        const int again = open(path, O_RDWR);
        char* const other = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, again, 0);
        strcpy(other, "told by name");
        return 0;
    }
    wait_child();
    say("%s", mine);
    TRY(unlink(path));
    say("%s", mine);
    return 0;
}
