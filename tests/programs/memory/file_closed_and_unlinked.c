/* Does a mapping outlive its file's descriptor and name? */
#include "tests/programs/support/check.h"

int main(void) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/quire-gone-%d", getpid());
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    TRY(write(file, "still here", 11));
    char* const shared = TRY_MAP(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    char* const other = TRY_MAP(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    TRY(close(file));
    SHOW(strcmp(shared, "still here"));
    TRY(unlink(path));
    TRY(open(path, O_RDONLY));
    strcpy(shared, "and written");
    SHOW(strcmp(other, "and written"));
    TRY(munmap(shared, page));
    SHOW(strcmp(other, "and written"));
    return 0;
}
