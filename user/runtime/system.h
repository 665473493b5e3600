/* System calls for the programs of user/, which are too small to carry a C library: Linux's for i386, by int 0x80, with
   the numbers, flags and structures of Linux's own headers. What a call returns is what the kernel returned: a negative
   errno where it failed. */
#pragma once

#include <asm/unistd.h>
#include <linux/mman.h>
#include <stddef.h>
#include <stdint.h>

static inline long system_call(long number, long a, long b, long c, long d, long e) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
    return result;
}

static inline long write_to(int descriptor, const void* from, size_t bytes) {
    return system_call(__NR_write, descriptor, (long)from, (long)bytes, 0, 0);
}

static inline long fork_process(void) {
    return system_call(__NR_fork, 0, 0, 0, 0, 0);
}

static inline _Noreturn void end(int status) {
    for (;;) {
        system_call(__NR_exit_group, status, 0, 0, 0, 0);
    }
}

/* Waits for the child `process` to end; its status is laid out as wait(2) says. */
static inline long wait_for(long process, int* status) {
    return system_call(__NR_waitpid, process, (long)status, 0, 0, 0);
}

static inline long process_id(void) {
    return system_call(__NR_getpid, 0, 0, 0, 0, 0);
}

/* Maps `bytes` of zeroed memory, private to the process, wherever the kernel likes. */
static inline void* map_memory(size_t bytes, int protection) {
    struct {
        uintptr_t address, length;
        int protection, flags, descriptor, offset;
    } request = {0, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0};
    return (void*)system_call(__NR_mmap, (long)&request, 0, 0, 0, 0);
}

static inline long protect(void* first, size_t bytes, int protection) {
    return system_call(__NR_mprotect, (long)first, (long)bytes, protection, 0, 0);
}
