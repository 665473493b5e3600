/* May the heap be shrunk to nothing, below its first page's end, and grown again, and is it zero then? */
#include "tests/programs/support/check.h"

/* The C library keeps what belongs to its thread in the heap, so nothing of it may run meanwhile. */
static inline uintptr_t raw_brk(uintptr_t to) {
    uintptr_t result;
    __asm__ volatile("int $0x80" : "=a"(result) : "0"(SYS_brk), "b"(to) : "memory");
    return result;
}

static char saved[1 << 20];

int main(void) {
    const uintptr_t end = raw_brk(0);
    uintptr_t start = end;
    /* The lowest break that is taken is the heap's start. What lies above it is kept meanwhile. */
    uintptr_t from = (end & -(uintptr_t)page) - 256 * page;
    const char* const data_end = saved + sizeof saved;
    if (from < (uintptr_t)data_end) {
        from = ((uintptr_t)data_end + page - 1) & -(uintptr_t)page;
    }
    bool found = false;
    bool zero = true, first_page = false, again = false;
    char maps[4096];
    const int file = open("/proc/self/maps", O_RDONLY);
    int bytes = 0;
    for (int part; (part = (int)read(file, maps + bytes, sizeof maps - 1 - (size_t)bytes)) > 0;) {
        bytes += part;
    }
    maps[bytes] = '\0';
    char* line = strstr(maps, "[heap]");
    while (line != NULL && line > maps && line[-1] != '\n') {
        --line;
    }
    if (line != NULL) {
        start = strtoul(line, NULL, 16);
        found = true;
    }
    SHOW(found);
    SHOW(end - start < sizeof saved);
    volatile char* const heap = (volatile char*)start;
    for (uintptr_t i = 0; i < end - start; ++i) {
        saved[i] = heap[i];
    }
    const bool to_nothing = raw_brk(start) == start;
    first_page = raw_brk(start + 16) == start + 16;
    heap[0] = 'x';
    again = raw_brk(start) == start && raw_brk(end) == end;
    for (uintptr_t i = 0; i < end - start; ++i) {
        zero = zero && heap[i] == 0;
    }
    for (uintptr_t i = 0; i < end - start; ++i) {
        heap[i] = saved[i];
    }
    SHOW(to_nothing);
    SHOW(first_page);
    SHOW(again);
    SHOW(zero);
    return 0;
}
