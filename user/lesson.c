/* The program that the demo's lessons about processes are shown on. It does one thing that its first argument names and
   stops itself (SIGSTOP) wherever the kernel is to have a look at it; its exit status is 0 if it saw what it should. */
#include "user/runtime/print.h"
#include "user/runtime/system.h"

#include <asm/fcntl.h>
#include <asm/signal.h>
#include <linux/time.h>
#include <linux/wait.h>

enum { page_size = 4096 };

/* Makes the file long enough to have pages without another file's bytes in them: those are mapped where they lie. */
__attribute__((used)) static const char some_pages[2 * page_size] = "quire: a gathering of pages";

/* Where lessons put what the kernel looks at: kernel/monitor/demo/demo_processes.cpp knows it, too. */
static char* const place = (char*)0x20000000;

static void stop_here(void) {
    system_call(__NR_kill, process_id(), SIGSTOP, 0, 0, 0);
}

static char* map_at_place(size_t pages, int protection, int more_flags, int descriptor) {
    struct {
        uintptr_t address, length;
        int protection, flags, descriptor, offset;
    } request = {(uintptr_t)place, pages * page_size,
                 protection,       MAP_FIXED | MAP_PRIVATE | (descriptor < 0 ? MAP_ANONYMOUS : 0) | more_flags,
                 descriptor,       0};
    return (char*)system_call(__NR_mmap, (long)&request, 0, 0, 0, 0);
}

/* Runs deed() in a child; the signal that ended it, or 0. */
static int signal_of(void (*deed)(void)) {
    int status = 0;
    const long child = fork_process();
    if (child == 0) {
        deed();
        end(0);
    }
    wait_for(child, &status);
    return status & 0x7F;
}

static unsigned number_of(const char* text) {
    unsigned value = 0;
    for (; *text >= '0' && *text <= '9'; ++text) {
        value = value * 10 + (unsigned)(*text - '0');
    }
    return value;
}

/* One number at an address that every process of this lesson uses. */
static int hold(const char* number) {
    if (map_at_place(1, PROT_READ | PROT_WRITE, 0, -1) != place) {
        return 1;
    }
    const unsigned value = number_of(number);
    *(volatile unsigned*)place = value;
    stop_here();
    return *(volatile unsigned*)place == value ? 0 : 1;
}

static int wild(void) {
    *(volatile int*)0x30000000 = 1;
    return 1;
}

/* A parent with 1,024 pages forks; parent and child stop. Then the parent writes one page and stops again; then, the
   child gone, it writes another. */
static int forks(void) {
    enum { pages = 1024 };
    if (map_at_place(pages, PROT_READ | PROT_WRITE, 0, -1) != place) {
        return 1;
    }
    for (int page = 0; page < pages; ++page) {
        place[page * page_size] = (char)page;
    }
    stop_here();
    const long child = fork_process();
    if (child == 0) {
        stop_here();
        end(place[5 * page_size] == 5 ? 0 : 1);
    }
    int status = 0;
    system_call(__NR_waitpid, child, (long)&status, WUNTRACED, 0, 0);
    stop_here();
    place[5 * page_size] = 99;
    stop_here();
    system_call(__NR_kill, child, SIGCONT, 0, 0, 0);
    wait_for(child, &status);
    place[6 * page_size] = 99;
    stop_here();
    return status;
}

static int file(void) {
    const long descriptor = system_call(__NR_open, (long)"/bin/lesson", O_RDONLY, 0, 0, 0);
    if (descriptor < 0 || map_at_place(1, PROT_READ, 0, (int)descriptor) != place) {
        return 1;
    }
    const int is_elf = place[1] == 'E' && place[2] == 'L' && place[3] == 'F';
    stop_here();
    return is_elf ? 0 : 1;
}

static void write_to_place(void) {
    *(volatile char*)place = 1;
}

static int protects(void) {
    if (map_at_place(1, PROT_READ | PROT_WRITE, 0, -1) != place || signal_of(write_to_place) != 0) {
        return 1;
    }
    protect(place, page_size, PROT_READ);
    if (signal_of(write_to_place) != SIGSEGV) {
        return 2;
    }
    protect(place, page_size, PROT_READ | PROT_WRITE);
    return signal_of(write_to_place) == 0 ? 0 : 3;
}

static void jump_to_place(void) {
    ((void (*)(void))(uintptr_t)place)();
}

static int jumps(void) {
    const char only_return = (char)0xC3; /* RET, Intel SDM vol. 2B */
    if (map_at_place(1, PROT_READ | PROT_WRITE, 0, -1) != place) {
        return 1;
    }
    place[0] = only_return;
    if (signal_of(jump_to_place) != SIGSEGV) {
        return 2;
    }
    protect(place, page_size, PROT_READ | PROT_EXEC);
    return signal_of(jump_to_place) == 0 ? 0 : 3;
}

static long microseconds(void) {
    struct __kernel_old_timespec now = {0, 0};
    system_call(__NR_clock_gettime, 1 /* CLOCK_MONOTONIC */, (long)&now, 0, 0, 0);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* How long fork takes a process with so many pages at `place`, the shortest of four times; less than 0 where it fails.
   All pages are the one page of zeros, for the tables are what fork would have to copy. */
static int microseconds_of_fork(size_t pages) {
    enum { times = 4 };
    int shortest = -1;
    if (map_at_place(pages, PROT_READ, MAP_POPULATE, -1) != place) {
        return -1;
    }
    for (int time = 0; time < times; ++time) {
        int status = 0;
        const long before = microseconds();
        const long child = fork_process();
        if (child == 0) {
            end(place[(pages - 1) * page_size]);
        }
        const int taken = (int)(microseconds() - before);
        wait_for(child, &status);
        if (child < 0 || status != 0) {
            return -1;
        }
        shortest = shortest < 0 || taken < shortest ? taken : shortest;
    }
    return shortest;
}

static int big_forks(void) {
    enum { few = 1, many = 250 * 1000 };
    const int of_few = microseconds_of_fork(few);
    const int of_many = microseconds_of_fork(many);
    print("        fork of %u page: %d microseconds\n", (unsigned)few, of_few);
    print("        fork of %u pages: %d microseconds\n", (unsigned)many, of_many);
    return of_few < 0 || of_many < 0 ? 1 : 0;
}

/* Two numbers that no other page has, at the page's ends. */
static void write_page(unsigned page) {
    volatile unsigned* const words = (volatile unsigned*)(place + page * page_size);
    words[0] = page;
    words[page_size / sizeof *words - 1] = ~page;
}

static int page_is_right(unsigned page) {
    const volatile unsigned* const words = (volatile unsigned*)(place + page * page_size);
    return words[0] == page && words[page_size / sizeof *words - 1] == ~page;
}

/* Writes to so many pages, and reads each of them twice. */
static int large(unsigned pages) {
    if (map_at_place(pages, PROT_READ | PROT_WRITE, 0, -1) != place) {
        return 1;
    }
    for (unsigned page = 0; page < pages; ++page) {
        write_page(page);
    }
    for (unsigned step = 0; step < 2 * pages; ++step) {
        if (!page_is_right(step % pages)) {
            return 2;
        }
    }
    return 0;
}

/* What /proc/self/pagemap says of a page: bit 63, it is in memory; bit 62, it is swapped out, and then bits 0 to 4 are
   the area and those above them the slot. Linux, Documentation/admin-guide/mm/pagemap.rst. 0 where it cannot be read.
 */
static unsigned long long page_map_word(unsigned page) {
    unsigned long long word = 0;
    const long map = system_call(__NR_open, (long)"/proc/self/pagemap", O_RDONLY, 0, 0, 0);
    const unsigned long at = ((uintptr_t)place / page_size + page) * sizeof word;
    if (system_call(__NR_pread64, map, (long)&word, sizeof word, (long)at, 0) != sizeof word) {
        word = 0;
    }
    system_call(__NR_close, map, 0, 0, 0, 0);
    return word;
}

/* Asks for a page to go, and waits until it has gone; what /proc/self/pagemap says then. */
static unsigned long long put_out(unsigned page) {
    unsigned long long word = 0;
    system_call(__NR_madvise, (long)(place + page * page_size), page_size, MADV_PAGEOUT, 0, 0);
    while (((word = page_map_word(page)) >> 62 & 1) == 0) {
        system_call(__NR_sched_yield, 0, 0, 0, 0, 0);
    }
    return word;
}

/* A page for each place that one can be at; kernel/monitor/demo/demo_swap.cpp knows which is which. */
static int places(void) {
    enum { never_touched, read_only, written, of_one_word, gone, come_back, pages };
    if (map_at_place(pages, PROT_READ | PROT_WRITE, 0, -1) != place) {
        return 1;
    }
    const int zero = *(volatile char*)(place + read_only * page_size);
    for (unsigned page = written; page < pages; ++page) {
        write_page(page);
    }
    for (unsigned at = 0; at < page_size; ++at) {
        place[of_one_word * page_size + at] = 7;
    }
    put_out(of_one_word);
    put_out(gone);
    put_out(come_back);
    const int right = page_is_right(come_back);
    stop_here();
    return zero == 0 && right && page_is_right(gone) && place[of_one_word * page_size] == 7 ? 0 : 2;
}

/* Its program and stack are locked in memory, so that only pages at `place` count. They have gone. Whoever lets it go
   on has said in how many frames they are from now on, and by which policy. Then it touches them, page after page; and
   all over again. It is ended while it stands. */
static int touches(const unsigned char* pages, size_t count, unsigned different) {
    if (system_call(__NR_mlockall, MCL_CURRENT, 0, 0, 0, 0) != 0 ||
        map_at_place(different, PROT_READ | PROT_WRITE, 0, -1) != place) {
        return 1;
    }
    for (unsigned page = 0; page < different; ++page) {
        write_page(page);
    }
    for (;;) {
        for (unsigned page = 0; page < different; ++page) {
            put_out(page);
        }
        stop_here();
        for (size_t at = 0; at < count; ++at) {
            if (!page_is_right(pages[at])) {
                return 2;
            }
        }
    }
}

/* Pages named by digits. */
static int string(const char* digits) {
    unsigned char pages[64];
    size_t count = 0;
    for (; count < sizeof pages && digits[count] >= '0' && digits[count] <= '9'; ++count) {
        pages[count] = (unsigned char)(digits[count] - '0');
    }
    return touches(pages, count, 10);
}

/* Ten times around so many pages. */
static int loop(unsigned different) {
    enum { times = 10 };
    unsigned char pages[times * 100];
    if (different > sizeof pages / times) {
        return 1;
    }
    for (unsigned at = 0; at < times * different; ++at) {
        pages[at] = (unsigned char)(at % different);
    }
    return touches(pages, times * different, different);
}

static void read_place(void) {
    (void)*(volatile char*)place;
}

/* A page goes to the disk, and there somebody changes it. Who touches it then is told by a signal. While it is stopped
   the kernel writes the disk's name to the other page. */
static int damage(void) {
    if (map_at_place(2, PROT_READ | PROT_WRITE, 0, -1) != place) {
        return 1;
    }
    write_page(0);
    const unsigned long long slot = (put_out(0) & ((1ULL << 55) - 1)) >> 5;
    stop_here();
    const char* const disk = place + page_size;
    const long descriptor = system_call(__NR_open, (long)disk, O_RDWR, 0, 0, 0);
    const long low = (long)(slot << 12), high = (long)(slot >> 20);
    unsigned word = 1;
    if (system_call(__NR_pread64, descriptor, (long)&word, sizeof word, low, high) != sizeof word || word != 0) {
        return 2;
    }
    word = 1;
    if (system_call(__NR_pwrite64, descriptor, (long)&word, sizeof word, low, high) != sizeof word ||
        system_call(__NR_fsync, descriptor, 0, 0, 0, 0) != 0) {
        return 3;
    }
    return signal_of(read_place) == SIGBUS ? 0 : 4;
}

static int is(const char* a, const char* b) {
    while (*a != '\0' && *a == *b) {
        ++a;
        ++b;
    }
    return *a == *b;
}

int main(int count, char** arguments) {
    const char* const lesson = count > 1 ? arguments[1] : "";
    if (is(lesson, "hold") && count > 2) {
        return hold(arguments[2]);
    }
    if (is(lesson, "wild")) {
        return wild();
    }
    if (is(lesson, "fork")) {
        return forks();
    }
    if (is(lesson, "file")) {
        return file();
    }
    if (is(lesson, "protect")) {
        return protects();
    }
    if (is(lesson, "jump")) {
        return jumps();
    }
    if (is(lesson, "big-fork")) {
        return big_forks();
    }
    if (is(lesson, "large") && count > 2) {
        return large(number_of(arguments[2]));
    }
    if (is(lesson, "places")) {
        return places();
    }
    if (is(lesson, "string") && count > 2) {
        return string(arguments[2]);
    }
    if (is(lesson, "loop") && count > 2) {
        return loop(number_of(arguments[2]));
    }
    if (is(lesson, "damage")) {
        return damage();
    }
    print(
        "usage: lesson hold NUMBER | wild | fork | file | protect | jump | big-fork | large PAGES | places | damage |\n"
        "       string DIGITS | loop PAGES\n");
    return 64;
}
