/* Reads and writes everywhere, runs instructions that no program may run, and jumps into anything. Faults come back to
   a handler on a stack of its own; what could end otherwise happens in children that a timer ends. */
#include "tests/fuzz/fuzz.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page = 4096, area_pages = 16 };

static sigjmp_buf after;
static char* area;
static volatile bool expendable; /* a child that has done what it was made for once it has faulted */

static void faulted(int number) {
    (void)number;
    if (expendable) {
        _exit(0);
    }
    siglongjmp(after, 1);
}

/* An address anywhere, most likely near an edge of something. */
static uint32_t anywhere(struct Random* random) {
    static const uint32_t edges[] = {0x00000000, 0x00001000, 0x00400000, 0x08048000, 0x5fffffff, 0x60000000,
                                     0x60400000, 0x68048000, 0x80000000, 0xbfffffff, 0xc0000000, 0xc0100000,
                                     0xc0400000, 0xf0000000, 0xf8000000, 0xfc000000, 0xfec00000, 0xfee00000,
                                     0xff000000, 0xff001000, 0xff400000, 0xffc00000, 0xfffff000, 0xffffffff};
    switch (below(random, 4)) {
    case 0: return next_random(random);
    case 1: return (uint32_t)area + below(random, 2 * area_pages * page) - area_pages * page / 2;
    default: return edges[below(random, sizeof edges / sizeof *edges)] + below(random, 32) - 16;
    }
}

/* True where a write would only hurt the fuzzer's own account of itself. */
static bool is_own(uint32_t address) {
    extern char etext, end;
    return (address >= (uint32_t)&etext - (1U << 20) && address < (uint32_t)&end + (1U << 20)) ||
           address - (uint32_t)__builtin_frame_address(0) + (1U << 20) < 2U << 20;
}

static void touch(struct Random* random) {
    volatile char* const at = (volatile char*)anywhere(random);
    const uint32_t what = below(random, 8);
    if (what >= 4 && is_own((uint32_t)at)) {
        return;
    }
    switch (what) {
    case 0: (void)*at; break;
    case 1: (void)*(volatile uint32_t*)at; break;
    case 2: (void)*(volatile double*)at; break;
    case 3: __asm__ volatile("rep lodsb" ::"S"(at), "c"(below(random, 10000)) : "eax", "memory"); break;
    case 4: *at = 1; break;
    case 5: *(volatile uint32_t*)at = 0x01020304; break;
    case 6: __asm__ volatile("lock incl (%0)" ::"r"(at) : "memory", "cc"); break;
    default: __asm__ volatile("movups %%xmm0, (%0)" ::"r"(at) : "memory"); break;
    }
}

/* One of the instructions that ring 3 may not run, or not with these operands. */
static void forbidden(struct Random* random) {
    const uint32_t word = anywhere(random);
    const uint16_t selector = (uint16_t)next_random(random);
    switch (below(random, 26)) {
    case 0: __asm__ volatile("cli"); break;
    case 1: __asm__ volatile("sti"); break;
    case 2: __asm__ volatile("hlt"); break;
    case 3: __asm__ volatile("mov %0, %%cr3" ::"r"(word)); break;
    case 4: __asm__ volatile("mov %0, %%cr0" ::"r"(word)); break;
    case 5: __asm__ volatile("lgdt (%0)" ::"r"(area)); break;
    case 6: __asm__ volatile("lidt (%0)" ::"r"(area)); break;
    case 7: __asm__ volatile("ltr %0" ::"r"(selector)); break;
    case 8: __asm__ volatile("invlpg (%0)" ::"r"(word)); break;
    case 9: __asm__ volatile("outb %%al, %%dx" ::"d"(selector), "a"(0)); break;
    case 10: __asm__ volatile("inl %%dx, %%eax" ::"d"(selector) : "eax"); break;
    case 11: __asm__ volatile("wbinvd"); break;
    case 12: __asm__ volatile("wrmsr" ::"c"(0x174), "a"(word), "d"(0)); break;
    case 13: __asm__ volatile("rdmsr" ::"c"(0x174) : "eax", "edx"); break;
    case 14: __asm__ volatile("mov %0, %%es\n\tmovb %%es:0, %%al" ::"r"(selector) : "eax"); break;
    case 15: __asm__ volatile("int $0x20"); break;
    case 16: __asm__ volatile("int $0x0e"); break;
    case 17: __asm__ volatile("int $0x08"); break;
    case 18: __asm__ volatile("int $0xff"); break;
    case 19: __asm__ volatile("ud2"); break;
    case 20: __asm__ volatile("mov %0, %%dr7" ::"r"(word)); break;
    case 21: __asm__ volatile("clts"); break;
    case 22: __asm__ volatile("into"); break;
    case 23: __asm__ volatile("lldt %0" ::"r"(selector)); break;
    case 24: __asm__ volatile("push %0\n\tpopf" ::"r"(word & ~0x100U) : "cc"); break;
    default: __asm__ volatile("mov $0, %%ecx\n\tdiv %%ecx" ::: "eax", "ecx", "edx"); break;
    }
    __asm__ volatile("cld\n\tpush %%ds\n\tpop %%es" ::: "memory");
}

/* In a child, with no stack to rely on afterwards. */
static void stack_elsewhere(struct Random* random) {
    const uint32_t there = anywhere(random);
    switch (below(random, 4)) {
    case 0:
        __asm__ volatile("mov %0, %%esp\n\tpush $1\n\tmov $1, %%eax\n\txor %%ebx, %%ebx\n\tint $0x80" ::"r"(there));
        break;
    case 1: __asm__ volatile("mov %0, %%esp\n\tint $3" ::"r"(there)); break;
    case 2: __asm__ volatile("mov %0, %%esp\n\tiret" ::"r"(there)); break;
    default: __asm__ volatile("mov %0, %%esp\n\tmov $173, %%eax\n\tint $0x80" ::"r"(there)); break; /* rt_sigreturn */
    }
}

static void in_child(struct Random* random, void (*act)(struct Random*)) {
    const pid_t child = fork();
    if (child == 0) {
        const struct itimerval soon = {{0, 0}, {0, 20000}};
        setitimer(ITIMER_REAL, &soon, NULL);
        expendable = true;
        act(random);
        _exit(0);
    }
    if (child > 0) {
        waitpid(child, NULL, 0);
    }
    next_random(random);
}

static void work(struct Random* random, struct Progress* progress, uint32_t budget, void (*risky)(struct Random*)) {
    area = mmap(NULL, area_pages * page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) {
        return;
    }
    mprotect(area + 4 * page, page, PROT_READ);
    mprotect(area + 6 * page, page, PROT_NONE);
    munmap(area + 8 * page, page);
    take_faults(faulted);
    for (volatile uint32_t i = 0; i < budget; ++i) {
        const uint32_t what = below(random, 64);
        if (what == 0) {
            in_child(random, risky);
        } else if (sigsetjmp(after, 0) == 0) {
            if (what < 16) {
                forbidden(random);
            } else {
                touch(random);
            }
        }
        ++progress->done;
    }
}

void touch_worker(struct Random* random, struct Progress* progress, uint32_t budget) {
    work(random, progress, budget, stack_elsewhere);
}

/* Jumps anywhere, into its own text and into random bytes, with random registers. */
static void run_anything(struct Random* random) {
    extern char etext;
    uint32_t target = anywhere(random);
    switch (below(random, 3)) {
    case 0:
        for (int i = 0; i < 4 * page; i += 4) {
            *(uint32_t*)(area + i) = next_random(random);
        }
        target = (uint32_t)area + below(random, 4 * page);
        break;
    case 1: target = (uint32_t)&etext - below(random, 1 << 19); break;
    default: break;
    }
    close(1);
    close(2);
    __asm__ volatile("mov %0, %%edi\n\tmov %1, %%eax\n\tmov %2, %%ebx\n\tjmp *%%edi" ::"m"(target), "m"(random->state),
                     "r"(area));
}

void code_worker(struct Random* random, struct Progress* progress, uint32_t budget) {
    work(random, progress, budget, run_anything);
}
