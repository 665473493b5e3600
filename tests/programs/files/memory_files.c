/* Is a file of memfd_create like any other: sized, mapped, shared over fork, gone with its last user? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = memfd_create("a name", MFD_CLOEXEC);
    TRY(fcntl(file, F_GETFD));
    TRY(ftruncate(file, 2 * page));
    char* const one = TRY_MAP(mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    char* const two = TRY_MAP(mmap(NULL, page, PROT_READ, MAP_SHARED, file, page));
    strcpy(one + page, "shared");
    SHOW(strcmp(two, "shared"));
    TRY(close(file));
    if (in_child()) {
        strcpy(one + page, "by a child");
        return 0;
    }
    wait_child();
    SHOW(strcmp(two, "by a child"));
    TRY(memfd_create("x", 0x12340000));
    TRY(syscall(SYS_memfd_create, WILD, 0));
    char name[300];
    memset(name, 'n', sizeof name);
    name[249] = '\0';
    TRY_OK(memfd_create(name, 0));
    name[249] = 'n';
    name[250] = '\0';
    TRY(memfd_create(name, 0));
    return 0;
}
