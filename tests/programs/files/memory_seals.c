/* Do the seals of a memory file keep it from shrinking, growing and being written, in each way there is? */
#include "tests/programs/support/check.h"

static char bytes[3 * page];

static int sealed(int seals) {
    const int file = memfd_create("sealed", MFD_ALLOW_SEALING);
    ftruncate(file, 2 * page);
    TRY(fcntl(file, F_ADD_SEALS, seals));
    SHOW(fcntl(file, F_GET_SEALS));
    return file;
}

static void use(int file) {
    TRY(pwrite(file, bytes, 10, 0));
    TRY(pwrite(file, bytes, 10, 2 * page));
    TRY(pwrite(file, bytes, 2 * page, page));
    TRY(pwrite(file, bytes, page, page + 10));
    TRY(ftruncate(file, page));
    TRY(ftruncate(file, page));
    TRY(ftruncate(file, 3 * page));
    TRY(fallocate(file, 0, 0, page));
    TRY(fallocate(file, 0, 0, 4 * page));
    TRY(fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 5 * page));
    TRY(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, page));
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    TRY_OK(open(path, O_RDWR | O_TRUNC));
    TRY_MAP(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    char* const mapped = TRY_MAP(mmap(NULL, page, PROT_READ, MAP_SHARED, file, 0));
    TRY(mprotect(mapped, page, PROT_READ | PROT_WRITE));
    char* const own = TRY_MAP(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0));
    TRY(mprotect(own, page, PROT_READ | PROT_WRITE));
}

int main(void) {
    const int plain = memfd_create("plain", 0);
    SHOW(fcntl(plain, F_GET_SEALS));
    TRY(fcntl(plain, F_ADD_SEALS, F_SEAL_GROW));
    TRY(fcntl(open("/dev/null", O_RDWR), F_GET_SEALS));
    TRY(fcntl(open("/dev/null", O_RDWR), F_ADD_SEALS, F_SEAL_GROW));
    const int shared = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
    SHOW(fcntl(shared, F_GET_SEALS));
    const int kinds[] = {0, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_SHRINK | F_SEAL_GROW, F_SEAL_WRITE, F_SEAL_FUTURE_WRITE};
    for (unsigned each = 0; each < sizeof kinds / sizeof *kinds; ++each) {
        say("seals %x", (unsigned)kinds[each]);
        use(sealed(kinds[each]));
    }
    const int file = sealed(F_SEAL_SEAL);
    TRY(fcntl(file, F_ADD_SEALS, F_SEAL_GROW));
    const int other = memfd_create("other", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    ftruncate(other, page);
    TRY(fcntl(other, F_ADD_SEALS, 0x40000000));
    char* const mapped = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0);
    TRY(fcntl(other, F_ADD_SEALS, F_SEAL_WRITE));
    TRY(fcntl(other, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
    mapped[0] = 'x';
    TRY(pread(other, bytes, 1, 0));
    SHOW(bytes[0]);
    TRY(madvise(mapped, page, MADV_REMOVE));
    SHOW(mapped[0]);
    munmap(mapped, page);
    TRY(fcntl(other, F_ADD_SEALS, F_SEAL_WRITE));
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", other);
    TRY(fcntl(open(path, O_RDONLY), F_ADD_SEALS, F_SEAL_GROW));
    SHOW(fcntl(open(path, O_RDONLY), F_GET_SEALS));
    TRY(fcntl(open(path, O_PATH), F_GET_SEALS));
    return 0;
}
