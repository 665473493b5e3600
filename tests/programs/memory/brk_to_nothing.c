/* May the heap be shrunk to nothing, below its first page's end, and grown again, and is it zero then? */
#include "tests/programs/support/check.h"

#ifdef __GLIBC__
#include <sys/rseq.h>
#endif

/* The C library keeps what belongs to its thread in the heap, so nothing of it may run meanwhile. */
static inline uintptr_t raw_brk(uintptr_t to) {
    uintptr_t result;
    __asm__ volatile("int $0x80" : "=a"(result) : "0"(SYS_brk), "b"(to) : "memory");
    return result;
}

static char saved[1 << 20];

int main(void) {
#ifdef __GLIBC__
    /* The kernel, too, writes there when it preempts a thread. */
    syscall(SYS_rseq, (char*)__builtin_thread_pointer() + __rseq_offset, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
#endif
    const uintptr_t end = raw_brk(0);
    uintptr_t start = end;
    bool found = false, zero = true;
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
    const bool first_page = raw_brk(start + 16) == start + 16;
    heap[0] = 'x';
    const bool again = raw_brk(start) == start && raw_brk(end) == end;
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
