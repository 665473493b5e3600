/* Do the numbers of /proc/self/smaps for one mapping tell what was touched? */
#include "tests/programs/support/check.h"

int main(void) {
    char* const area = map_pages(18, PROT_NONE);
    char* const middle = area + page;
    mprotect(middle, 16 * page, PROT_READ | PROT_WRITE);
    memset(middle, 'x', 5 * page);
    FILE* const smaps = fopen("/proc/self/smaps", "r");
    char line[512];
    bool inside = false;
    while (fgets(line, sizeof line, smaps) != NULL) {
        unsigned long first, end;
        if (sscanf(line, "%lx-%lx ", &first, &end) == 2) {
            inside = first == (unsigned long)middle;
        } else if (inside && (strncmp(line, "Size:", 5) == 0 || strncmp(line, "Rss:", 4) == 0 ||
                              strncmp(line, "Private_Dirty:", 14) == 0 || strncmp(line, "Shared_Clean:", 13) == 0)) {
            char name[32];
            unsigned long size;
            sscanf(line, "%31[^:]: %lu", name, &size);
            say("%s %lu kB", name, size);
        }
    }
    return 0;
}
