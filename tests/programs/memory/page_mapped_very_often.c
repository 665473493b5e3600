/* Can one page be mapped more often than 16 bits count? */
#include "tests/programs/support/check.h"

enum { mappings = 22000, processes = 3 };

int main(void) {
    const int file = open_file(2 * page);
    pid_t children[processes];
    int done[2];
    int gate[2];
    pipe(done);
    pipe(gate);
    for (int each = 0; each < processes; ++each) {
        children[each] = fork();
        if (children[each] == 0) {
            int touched = 0;
            for (int i = 0; i < mappings; ++i) {
                const char* const mapped = mmap(NULL, page, PROT_READ, MAP_SHARED, file, 0);
                touched += mapped != MAP_FAILED && *(const volatile char*)mapped == 'a';
                if (i % 2 == 0) { /* so that two neighbours do not become one */
                    mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                }
            }
            SHOW(touched);
            char byte = 0;
            write(done[1], &byte, 1);
            close(gate[1]);
            read(gate[0], &byte, 1); /* all are there at once */
            _exit(0);
        }
        char byte;
        SHOW((int)read(done[0], &byte, 1));
    }
    close(gate[1]);
    for (int each = 0; each < processes; ++each) {
        wait_for(children[each], "a child");
    }
    return 0;
}
