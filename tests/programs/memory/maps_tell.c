/* Do the lines of /proc/self/maps tell where each mapping lies, in order, with its protection, offset and name? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(16, PROT_NONE);
    const int file = open_file(4 * page);
    mprotect(area, 2 * page, PROT_READ | PROT_WRITE);
    mmap(area + 4 * page, 2 * page, PROT_READ, MAP_SHARED | MAP_FIXED, file, page);
    mmap(area + 8 * page, 2 * page, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, file, 2 * page);
    munmap(area + 12 * page, 2 * page);
    FILE* const maps = fopen("/proc/self/maps", "r");
    char line[512];
    unsigned long last = 0;
    bool ordered = true, stack = false, heap = false;
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long first, end, offset, inode;
        unsigned major, minor;
        char flags[8], name[256] = "";
        const int fields = sscanf(line, "%lx-%lx %7s %lx %x:%x %lu %255[^\n]", &first, &end, flags, &offset, &major,
                                  &minor, &inode, name);
        ordered = ordered && fields >= 7 && first >= last && end > first;
        last = end;
        stack = stack || strcmp(name, "[stack]") == 0;
        heap = heap || strcmp(name, "[heap]") == 0;
        if (first >= (unsigned long)area && end <= (unsigned long)area + 16 * page) {
            say("page %lu to %lu: %s, offset %lu, %s", (first - (unsigned long)area) / page,
                (end - (unsigned long)area) / page, flags, offset / page, inode != 0 ? "a file" : "no file");
        }
    }
    SHOW(ordered);
    SHOW(stack);
    SHOW(heap);
    return 0;
}
