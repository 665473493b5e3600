/* What memory and process calls cost, in guest instructions: the same static program for Linux and for Quire, run in
   QEMU under -icount shift=0, where each instruction takes one nanosecond of the guest's time and RDTSC counts them.
   Prints a line "row NAME INSTRUCTIONS" for each, the median of many rounds, loop included. As the first process of a
   Linux it switches the machine off when it is done. */
#include "bench/linux/shuffle.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page = 4096, large = 64 << 20, large_pages = large / page };

static uint64_t instructions(void) {
    return __builtin_ia32_rdtsc();
}

/* System calls straight, for a C library's own work is not to be measured. */
static inline long call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

static char* map(size_t bytes, int protection) {
    const struct {
        uintptr_t address, length;
        int protection, flags, descriptor, offset;
    } request = {0, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0};
    char* const start = (char*)call(SYS_mmap, (long)&request, 0, 0);
    if ((uintptr_t)start > -4096U) {
        printf("mmap of %zu bytes failed\n", bytes);
        exit(1);
    }
    return start;
}

static void unmap(void* start, size_t bytes) {
    call(SYS_munmap, (long)start, (long)bytes, 0);
}

static long fork_process(void) {
    const long child = call(SYS_fork, 0, 0, 0);
    if (child < 0) {
        printf("fork failed: %ld\n", child);
        exit(1);
    }
    return child;
}

static void wait_process(long child) {
    call(SYS_waitpid, child, 0, 0);
}

static void populate(char* start, size_t pages) {
    for (size_t i = 0; i < pages; ++i) {
        ((volatile char*)start)[i * page] = 1;
    }
}

static int compare(const void* a, const void* b) {
    const uint64_t one = *(const uint64_t*)a, two = *(const uint64_t*)b;
    return (one > two) - (one < two);
}

enum { most_rounds = 64 };
static struct {
    uint64_t each[most_rounds];
    unsigned count;
} rounds;

static void note(uint64_t taken, uint64_t operations) {
    if (rounds.count < most_rounds) {
        rounds.each[rounds.count++] = taken / operations;
    }
}

static void row(const char* name) {
    qsort(rounds.each, rounds.count, sizeof *rounds.each, compare);
    printf("row %s %llu\n", name, (unsigned long long)rounds.each[rounds.count / 2]);
    fflush(stdout);
    rounds.count = 0;
}

/* Each operation OPERATIONS times a round, as many rounds as asked for. */
#define MEASURE(name, round_count, operations, ...)                                                                    \
    do {                                                                                                               \
        for (int round = 0; round < (round_count); ++round) {                                                          \
            const uint64_t start = instructions();                                                                     \
            for (int i = 0; i < (operations); ++i) {                                                                   \
                __VA_ARGS__;                                                                                           \
            }                                                                                                          \
            note(instructions() - start, (operations));                                                                \
        }                                                                                                              \
        row(name);                                                                                                     \
    } while (0)

static void faults(void) {
    static unsigned order[large_pages];
    shuffle(order, large_pages);
    for (int round = 0; round < 5; ++round) {
        volatile char* const area = map(large, PROT_READ | PROT_WRITE);
        const uint64_t start = instructions();
        for (unsigned i = 0; i < large_pages; ++i) {
            area[i * page] = 1;
        }
        note(instructions() - start, large_pages);
        unmap((char*)area, large);
    }
    row("first-touch-sequential");
    for (int round = 0; round < 5; ++round) {
        volatile char* const area = map(large, PROT_READ | PROT_WRITE);
        const uint64_t start = instructions();
        for (unsigned i = 0; i < large_pages; ++i) {
            area[order[i] * page] = 1;
        }
        note(instructions() - start, large_pages);
        unmap((char*)area, large);
    }
    row("first-touch-random");
    uint64_t writes[5];
    for (int round = 0; round < 5; ++round) {
        volatile char* const area = map(large, PROT_READ | PROT_WRITE);
        uint64_t start = instructions();
        for (unsigned i = 0; i < large_pages; ++i) {
            (void)area[i * page];
        }
        note(instructions() - start, large_pages);
        start = instructions();
        for (unsigned i = 0; i < large_pages; ++i) {
            area[i * page] = 1;
        }
        writes[round] = instructions() - start;
        unmap((char*)area, large);
    }
    row("read-fault");
    for (int round = 0; round < 5; ++round) {
        note(writes[round], large_pages);
    }
    row("write-after-read");
    for (int round = 0; round < 5; ++round) {
        char* const area = map(large, PROT_READ | PROT_WRITE);
        populate(area, large_pages);
        const uint64_t start = instructions();
        unmap(area, large);
        note(instructions() - start, large_pages);
    }
    row("munmap-populated-page");
}

static void mappings(void) {
    MEASURE("mmap-munmap", 20, 50, unmap(map(page, PROT_READ | PROT_WRITE), page));
    MEASURE("mmap-touch-munmap", 20, 50, {
        char* const at = map(page, PROT_READ | PROT_WRITE);
        *(volatile char*)at = 1;
        unmap(at, page);
    });
    const long end = call(SYS_brk, 0, 0, 0);
    MEASURE("brk-up-down", 20, 50, call(SYS_brk, end + page, 0, 0); call(SYS_brk, end, 0, 0));
    char* const alone = map(3 * page, PROT_NONE);
    call(SYS_mprotect, (long)alone + page, page, PROT_READ | PROT_WRITE);
    alone[page] = 1;
    MEASURE("mprotect", 20, 50,
            call(SYS_mprotect, (long)alone + page, page, i % 2 != 0 ? PROT_READ | PROT_WRITE : PROT_READ));
    char* const area = map(8 * page, PROT_READ | PROT_WRITE);
    populate(area, 8);
    MEASURE("mprotect-split-merge", 20, 50, call(SYS_mprotect, (long)area + 4 * page, page, PROT_READ);
            call(SYS_mprotect, (long)area + 4 * page, page, PROT_READ | PROT_WRITE));
    char* const room = map(64 * page, PROT_READ | PROT_WRITE);
    unmap(room + page, 63 * page);
    *room = 1;
    MEASURE("mremap-grow-shrink", 20, 50, {
        long moved;
        __asm__ volatile("int $0x80"
                         : "=a"(moved)
                         : "0"(SYS_mremap), "b"(room), "c"(page), "d"(2 * page), "S"(0)
                         : "memory");
        __asm__ volatile("int $0x80"
                         : "=a"(moved)
                         : "0"(SYS_mremap), "b"(room), "c"(2 * page), "d"(page), "S"(0)
                         : "memory");
    });
}

static void fork_exit_wait(void) {
    const long child = fork_process();
    if (child == 0) {
        call(SYS_exit_group, 0, 0, 0);
    }
    wait_process(child);
}

static void forks(void) {
    MEASURE("fork-exit-wait-small", 20, 5, fork_exit_wait());
    char* const area = map(large, PROT_READ | PROT_WRITE);
    populate(area, large_pages);
    MEASURE("fork-exit-wait-64M", 10, 1, fork_exit_wait());
    for (int round = 0; round < 10; ++round) {
        const uint64_t start = instructions();
        const long child = fork_process();
        if (child == 0) {
            call(SYS_exit_group, 0, 0, 0);
        }
        note(instructions() - start, 1);
        wait_process(child);
    }
    row("fork-call-64M");
    unmap(area, large);
}

/* A child breaks the sharing of pages and tells its cost; then the parent writes to what is its own again. */
static void copies(void) {
    enum { pages = 1024 };
    uint64_t* const told = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char* const area = map(pages * page, PROT_READ | PROT_WRITE);
    populate(area, pages);
    uint64_t reuse[7];
    for (int round = 0; round < 7; ++round) {
        const long child = fork_process();
        if (child == 0) {
            const uint64_t start = instructions();
            populate(area, pages);
            *told = instructions() - start;
            call(SYS_exit_group, 0, 0, 0);
        }
        wait_process(child);
        note(*told, pages);
        const uint64_t start = instructions();
        populate(area, pages);
        reuse[round] = instructions() - start;
    }
    row("copy-on-write");
    for (int round = 0; round < 7; ++round) {
        note(reuse[round], pages);
    }
    row("reuse");
    unmap(area, pages * page);
}

static void switches(void) {
    enum { times = 500 };
    volatile int* const shared = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const long child = fork_process();
    if (child == 0) {
        shared[1] = 1;
        while (shared[0] == 0) {
            call(SYS_sched_yield, 0, 0, 0);
            ++shared[2];
        }
        call(SYS_exit_group, 0, 0, 0);
    }
    while (shared[1] == 0) {
        call(SYS_sched_yield, 0, 0, 0);
    }
    for (int round = 0; round < 20; ++round) {
        const int before = shared[2];
        const uint64_t start = instructions();
        for (int i = 0; i < times; ++i) {
            call(SYS_sched_yield, 0, 0, 0);
        }
        note(instructions() - start, (uint64_t)(times + shared[2] - before));
    }
    shared[0] = 1;
    wait_process(child);
    row("sched-yield-two");

    int there[2], back[2];
    if (pipe(there) != 0 || pipe(back) != 0) {
        return;
    }
    const long echo = fork_process();
    if (echo == 0) {
        char byte;
        close(there[1]);
        while (call(SYS_read, there[0], (long)&byte, 1) == 1) {
            call(SYS_write, back[1], (long)&byte, 1);
        }
        call(SYS_exit_group, 0, 0, 0);
    }
    close(there[0]);
    char byte = 'x';
    MEASURE("pipe-round-trip", 20, 100, call(SYS_write, there[1], (long)&byte, 1);
            call(SYS_read, back[0], (long)&byte, 1));
    close(there[1]);
    close(back[0]);
    close(back[1]);
    wait_process(echo);
}

/* A process of many one-page regions, of two protections in turn so that none merge. */
static void regions(unsigned count) {
    char name[32];
    char* const area = map((size_t)count * page, PROT_READ | PROT_WRITE);
    for (unsigned i = 0; i < count; i += 2) {
        call(SYS_mprotect, (long)area + (long)i * page, page, PROT_READ);
    }
    enum { each = 50 };
    static char* mapped[each];
    for (int round = 0; round < 10; ++round) {
        const uint64_t start = instructions();
        for (int i = 0; i < each; ++i) {
            mapped[i] = map(page, i % 2 == 0 ? PROT_READ : PROT_READ | PROT_WRITE);
        }
        note(instructions() - start, each);
        for (int i = 0; i < each; ++i) {
            unmap(mapped[i], page);
        }
    }
    snprintf(name, sizeof name, "mmap-of-%u", count);
    row(name);
    unsigned place = 1;
    for (int round = 0; round < 10; ++round) {
        uint64_t taken = 0;
        for (int i = 0; i < each; ++i) {
            place = (place + 7919) % count;
            volatile char* const at = area + (size_t)(place | 1) % count * page;
            call(SYS_madvise, (long)at & -page, page, MADV_DONTNEED);
            const uint64_t start = instructions();
            *(volatile char*)((uintptr_t)at & -(uintptr_t)page) = 1;
            taken += instructions() - start;
        }
        note(taken, each);
    }
    snprintf(name, sizeof name, "fault-of-%u", count);
    row(name);
    if (count <= 1000) {
        MEASURE(count == 1000 ? "fork-exit-wait-1000-regions" : "fork-exit-wait-10-regions", 5, 1, fork_exit_wait());
    }
    unmap(area, (size_t)count * page);
}

int main(int count, char** arguments) {
    (void)arguments;
    MEASURE("getpid", 20, 1000, call(SYS_getpid, 0, 0, 0));
    faults();
    mappings();
    forks();
    copies();
    switches();
    regions(10);
    regions(1000);
    regions(30000);
    puts("rows end");
    fflush(stdout);
    if (getpid() == 1 && count == 1) {
        reboot(RB_AUTOBOOT);
    }
    return 0;
}
