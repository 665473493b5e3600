/* What it costs to use more memory than there is: the same static program for Linux and for Quire, the only one there.
 *
 *     init FREE PAGES [stay]      FREE pages are left free, the others locked; then PAGES pages are written and read
 *
 * It says "free PAGES" and for each pass "row NAME TICKS", the time stamp counter's. In front of and behind each pass
 * is a mark for instructions.c. Without "stay" it is the first process of a Linux: it loads the modules in /modules, in
 * the order of their names, takes the first disk for swap space, and switches the machine off in the end. */
#include "bench/linux/shuffle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { page_words = 1024, page = page_words * 4 };

static _Noreturn void fail(const char* what) {
    printf("pages: %s (errno %d)\n", what, errno);
    fflush(stdout);
    exit(1);
}

static uint64_t ticks(void) {
    return __builtin_ia32_rdtsc();
}

/* "Mark", as a displacement of a NOP. */
static inline void mark(void) {
    __asm__ volatile("nopl 0x6B72614D(%%eax)" ::: "memory");
}

static uint32_t* map(size_t pages) {
    void* const start =
        mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) {
        fail("no memory is given");
    }
    return start;
}

/* ---- The first process of a Linux */

static void load_modules(void) {
    struct dirent** names;
    const int count = scandir("/modules", &names, NULL, alphasort);
    for (int at = 0; at < count; ++at) {
        char path[sizeof "/modules/" + sizeof names[at]->d_name];
        snprintf(path, sizeof path, "/modules/%s", names[at]->d_name);
        if (names[at]->d_name[0] != '.' && syscall(SYS_finit_module, open(path, O_RDONLY | O_CLOEXEC), "", 0) != 0) {
            printf("pages: %s\n", path);
            fail("a module is not loaded");
        }
    }
}

static void take_swap_disk(void) {
    enum { sd = 8, most_seconds = 20, in_a_second = 100 };
    load_modules();
    mkdir("/dev", 0755);
    mknod("/dev/sda", S_IFBLK | 0600, makedev(sd, 0));
    /* A disk is found some time after its driver was loaded. */
    for (int tries = 0; swapon("/dev/sda", 0) != 0; ++tries) {
        if (tries == most_seconds * in_a_second) {
            fail("no swap space");
        }
        usleep(1000000 / in_a_second);
    }
}

/* ---- Memory */

static long free_pages(void) {
    struct sysinfo info;
    if (sysinfo(&info) != 0) {
        fail("sysinfo");
    }
    return (long)((uint64_t)info.freeram * info.mem_unit / page);
}

/* Locks memory until so many pages are free: first nearly all at once, then what locking itself took is seen. */
static void leave_free(long wanted) {
    enum { margin = 64, fine = 8 };
    printf("free at first %ld\n", free_pages());
    for (long more; (more = free_pages() - wanted) > fine;) {
        const size_t pages = more > 2 * margin ? (size_t)(more - margin) : (size_t)(more + 1) / 2;
        if (mlock(map(pages), pages * page) != 0) {
            fail("memory is not locked");
        }
    }
    printf("free %ld\n", free_pages());
    fflush(stdout);
}

/* ---- Passes */

static uint32_t* memory;
static unsigned* order; /* the pages, at random */
static unsigned pages;

/* The first word of a page tells which page it is, and how often it was written. */
static uint32_t* word_of(unsigned number) {
    return memory + (size_t)number * page_words;
}
static unsigned times_written = 0;
static void check_page(unsigned number) {
    if (*word_of(number) != (number + 1) * times_written) {
        printf("pages: page %u holds %#x\n", number, *word_of(number));
        fail("a page is not what was written");
    }
}
static void write_page(unsigned number) {
    check_page(number);
    *word_of(number) += number + 1;
}

static void pass(const char* name, void (*each)(unsigned number), bool at_random) {
    mark();
    const uint64_t start = ticks();
    for (unsigned at = 0; at < pages; ++at) {
        each(at_random ? order[at] : at);
    }
    const uint64_t taken = ticks() - start;
    mark();
    times_written += each == write_page ? 1 : 0;
    printf("row %s %llu\n", name, (unsigned long long)taken);
    fflush(stdout);
}

int main(int count, char** words) {
    const bool stays = count == 4;
    if (count < 3) {
        puts("usage: init FREE PAGES [stay]");
        return 2;
    }
    if (!stays) {
        take_swap_disk();
    }
    pages = (unsigned)atol(words[2]);
    const size_t order_pages = (pages * sizeof *order + page - 1) / page;
    order = map(order_pages);
    memory = map(pages);
    if (mlock(order, order_pages * page) != 0) {
        fail("memory is not locked");
    }
    shuffle(order, pages);
    leave_free(atol(words[1]));
    pass("write", write_page, false);
    pass("read", check_page, false);
    pass("write-again", write_page, false);
    pass("read-random", check_page, true);
    pass("write-random", write_page, true);
    puts("rows end");
    fflush(stdout);
    if (!stays) {
        reboot(RB_AUTOBOOT);
    }
    return 0;
}
