/* May the boot archive's own files be opened for writing while they run, or mapped shared and written? */
#include "tests/programs/support/check.h"

int main(void) {
    SHOW(open(self_path(), O_WRONLY) < 0);
    const int file = open(self_path(), O_RDONLY);
    char magic[4];
    TRY(read(file, magic, 4));
    SHOW(memcmp(magic, "\177ELF", 4));
    char* const own = TRY_MAP(mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0));
    own[0] = 'X';
    TRY(pread(file, magic, 4, 0));
    SHOW(magic[0]);
    TRY_MAP(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    return 0;
}
