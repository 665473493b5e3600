/* Which flags does mmap take together, and what does it say to the others? */
#include "tests/programs/support/check.h"

static int file;

#define ANONYMOUS(flags) TRY_MAP(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | (flags), -1, 0))
#define OF_FILE(flags) TRY_MAP(mmap(NULL, page, PROT_READ | PROT_WRITE, flags, file, 0))

int main(void) {
    file = open_file(4 * page);
    ANONYMOUS(0);
    ANONYMOUS(MAP_SHARED_VALIDATE);
    ANONYMOUS(4);
    ANONYMOUS(MAP_TYPE);
    ANONYMOUS(MAP_PRIVATE | MAP_GROWSDOWN);
    ANONYMOUS(MAP_SHARED | MAP_GROWSDOWN);
    ANONYMOUS(MAP_PRIVATE | MAP_SYNC);
    ANONYMOUS(MAP_PRIVATE | MAP_HUGETLB | (63 << 26));
    ANONYMOUS(~(MAP_TYPE | MAP_HUGETLB | MAP_FIXED | MAP_FIXED_NOREPLACE) | MAP_PRIVATE);
    OF_FILE(0);
    OF_FILE(4);
    OF_FILE(MAP_SHARED_VALIDATE);
    OF_FILE(MAP_SHARED_VALIDATE | MAP_SYNC);
    OF_FILE(MAP_SHARED_VALIDATE | MAP_STACK | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_NORESERVE);
    OF_FILE(MAP_SHARED_VALIDATE | (1 << 28)); /* the size of huge pages, of which there are none */
    OF_FILE(MAP_SHARED_VALIDATE | (1 << 24));
    OF_FILE(MAP_SHARED | (1 << 24));
    OF_FILE(MAP_PRIVATE | MAP_GROWSDOWN);
    OF_FILE(MAP_SHARED | MAP_GROWSDOWN);
    OF_FILE(MAP_SHARED_VALIDATE | MAP_GROWSDOWN);
    OF_FILE(MAP_SHARED | MAP_HUGETLB);
    OF_FILE(-1);
    OF_FILE(~MAP_HUGETLB);
    TRY_MAP(mmap((void*)0x30000000, page, PROT_READ, MAP_SHARED_VALIDATE | MAP_FIXED_NOREPLACE, file, 0));
    TRY_MAP(mmap(NULL, page, -1, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    TRY_MAP(mmap(NULL, page, PROT_READ, MAP_PRIVATE, -1, 0));
    TRY_MAP(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, -1, 0));
    return 0;
}
