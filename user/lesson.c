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

/* One number at an address that every process of this lesson uses. */
static int hold(const char* number) {
    if (map_at_place(1, PROT_READ | PROT_WRITE, 0, -1) != place) {
        return 1;
    }
    int value = 0;
    for (; *number >= '0' && *number <= '9'; ++number) {
        value = value * 10 + (*number - '0');
    }
    *(volatile int*)place = value;
    stop_here();
    return *(volatile int*)place == value ? 0 : 1;
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
    print("usage: lesson hold NUMBER | wild | fork | file | protect | jump | big-fork\n");
    return 64;
}
