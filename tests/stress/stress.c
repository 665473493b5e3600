/* What only a small machine can be asked, for it takes all the memory there is: `stress frames` forks, maps and runs
   programs with 0 to 14 frames free, and touches memory of every kind with 0 to 60; `stress ended` looks who is ended
   when it has run out; `stress two-thirds` forks a process that has two thirds of all memory; `stress exec COUNT` runs
   itself so many times in a row; `stress sides SEED STEPS` takes memory from all sides at once (sides.c); `stress
   clones` makes processes by every combination of clone's flags (clones.c). Says "held" at the end if whatever failed
   failed with an error. */
#include "tests/stress/stress.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_free = 14, most_free_for_touches = 60 };

size_t stress_memory_pages(const char* name) {
    static char text[4096];
    const int file = open("/proc/meminfo", O_RDONLY);
    const ssize_t bytes = read(file, text, sizeof text - 1);
    close(file);
    text[bytes > 0 ? bytes : 0] = '\0';
    const char* const found = strstr(text, name);
    return found != NULL ? strtoul(found + strlen(name), NULL, 10) * 1024 / page : 0;
}

static const char* ending(int status) {
    static char text[40];
    if (WIFSIGNALED(status)) {
        snprintf(text, sizeof text, "killed by signal %d", WTERMSIG(status));
    } else {
        snprintf(text, sizeof text, "exited with %d", WEXITSTATUS(status));
    }
    return text;
}

/* Touches pages until no more than `leave` are free. */
static void take_memory(volatile char* area, size_t pages, size_t leave) {
    size_t taken = 0;
    while (taken < pages) {
        const size_t free = stress_memory_pages("MemFree:");
        if (free <= leave) {
            return;
        }
        /* All at once while there is plenty, then one by one. */
        for (size_t left = free > leave + 64 ? free - leave - 64 : 1; left > 0 && taken < pages; --left) {
            area[taken++ * page] = 1;
        }
    }
}

/* In a process of its own, for it may be the one that is killed. Exits with 0 if every call ended as it may. */
static int with_frames_free(size_t leave) {
    const size_t total = stress_memory_pages("MemTotal:");
    volatile char* const area =
        mmap(NULL, total * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area == MAP_FAILED) {
        return 2;
    }
    take_memory(area, total, leave);
    char* const mapped = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED && errno != ENOMEM) {
        return 3;
    }
    const pid_t child = fork();
    if (child == 0) {
        execl((const char*)getauxval(AT_EXECFN), "stress", "exec", "1", (char*)NULL);
        _exit(errno == ENOMEM ? 0 : 4);
    }
    if (child < 0) {
        return errno == ENOMEM || errno == EAGAIN ? 0 : 5;
    }
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? (WTERMSIG(status) == SIGKILL ? 0 : 6) : WEXITSTATUS(status);
}

/* What a page is in may need more than a frame: a page table, a piece of the kernel's heap, a copy of a file's page. */
enum { stride = 64, touched = 8 };

static void touch(volatile char* area, bool write) {
    for (size_t i = 0; i < touched; ++i) {
        if (write) {
            area[i * stride * page] = 1;
        } else {
            (void)area[i * stride * page];
        }
    }
}

static volatile char* map(int protection, int flags, int file) {
    return mmap(NULL, touched * stride * page, protection, flags, file, 0);
}

/* Goes down the stack, a page at a time. */
static int use_stack(int pages) {
    volatile char here[page];
    here[0] = 1;
    return pages == 0 ? here[0] : use_stack(pages - 1) + here[0];
}

/* Touches one kind of memory after the other with so many frames free. What gives memory back must work at any time. */
static int touches_with_frames_free(size_t leave) {
    const int own = open((const char*)getauxval(AT_EXECFN), O_RDONLY);
    const int sparse = open("/tmp/sparse", O_RDWR | O_CREAT, 0600);
    unlink("/tmp/sparse");
    ftruncate(sparse, touched * stride * page);
    const size_t total = stress_memory_pages("MemTotal:");
    volatile char* const hoard =
        mmap(NULL, total * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    volatile char* const anonymous = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    volatile char* const memory = map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
    volatile char* const file = map(PROT_READ | PROT_WRITE, MAP_SHARED, sparse);
    volatile char* const copies = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, sparse);
    volatile char* const program = mmap(NULL, touched * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, own, 0);
    if (hoard == MAP_FAILED || anonymous == MAP_FAILED || memory == MAP_FAILED || file == MAP_FAILED ||
        copies == MAP_FAILED || program == MAP_FAILED) {
        return 2;
    }
    touch(anonymous, true);
    const pid_t sharer = fork(); /* of the page tables */
    if (sharer == 0) {
        pause();
    }
    take_memory(hoard, total, leave);
    if (munmap((char*)anonymous + 3 * page, page) != 0) {
        return 7;
    }
    if (madvise((char*)anonymous + stride * page, page, MADV_DONTNEED) != 0 || anonymous[stride * page] != 0) {
        return 8;
    }
    touch(file, true);
    touch(memory, true);
    touch(copies, true);
    touch(anonymous, true);
    for (size_t i = 0; i < touched; ++i) {
        program[i * page] = 1;
    }
    use_stack(touched);
    kill(sharer, SIGKILL);
    return 0;
}

static bool with_each(const char* what, size_t most, int (*run)(size_t)) {
    bool held = true;
    for (size_t leave = 0; leave <= most; ++leave) {
        int status = 0;
        const pid_t child = fork();
        if (child == 0) {
            setpgid(0, 0);
            _exit(run(leave));
        }
        if (child < 0 || waitpid(child, &status, 0) != child) {
            return false;
        }
        kill(-child, SIGKILL);
        printf("stress frames: %s with %zu free: %s\n", what, leave, ending(status));
        held = held && (WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
    }
    return held;
}

static bool frames(void) {
    const bool calls_held = with_each("calls", most_free, with_frames_free);
    return with_each("touches", most_free_for_touches, touches_with_frames_free) && calls_held;
}

/* ---- Who is ended */

static void adjust(int value) {
    const int file = open("/proc/self/oom_score_adj", O_WRONLY);
    dprintf(file, "%d", value);
    close(file);
}

/* Takes all memory but so many pages; takes the rest, too, with 0, and so does not come back. */
static void take_all_but(size_t leave) {
    const size_t total = stress_memory_pages("MemTotal:");
    volatile char* const area =
        mmap(NULL, total * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area == MAP_FAILED) {
        _exit(2);
    }
    if (leave == 0) {
        for (size_t i = 0; i < total; ++i) {
            area[i * page] = 1;
        }
        _exit(3);
    }
    take_memory(area, total, leave);
}

static int take_all(void* unused) {
    (void)unused;
    take_all_but(0);
    return 0;
}

static _Alignas(16) char other_stack[16 * page];

/* Two that share their memory: both are ended, whoever of them asks. */
static void be_family(void) {
    const pid_t other = clone(take_all, other_stack + sizeof other_stack, CLONE_VM | SIGCHLD, NULL);
    int status;
    waitpid(other, &status, 0);
    _exit(4);
}

static void lend_to_vfork_child(void) {
    if (vfork() == 0) {
        take_all_but(0);
    }
    _exit(4);
}

/* Nobody may be ended: then it is the one that asks. */
static void ask_while_all_are_safe(void) {
    adjust(-1000);
    take_all_but(0);
}

static void be_first(void) {
    adjust(1000);
    pause();
}

static void be_safe_and_large(void) {
    adjust(-1000);
    take_all_but(300);
    pause();
}

static pid_t started(void (*body)(void)) {
    const pid_t child = fork();
    if (child == 0) {
        body();
        _exit(5);
    }
    return child;
}

/* Whether `child` was killed, which it is asked to be only if `yes`. */
static bool killed(const char* name, pid_t child, bool yes) {
    int status = 0;
    const bool ended = waitpid(child, &status, yes ? 0 : WNOHANG) == child;
    printf("stress ended: %s: %s\n", name, ended ? ending(status) : "lives");
    return yes ? ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL : !ended;
}

static bool who_is_ended(void) {
    adjust(-1000); /* this one looks on, with nothing of its own */
    bool held = true;
    static void (*const kinds[])(void) = {be_family, lend_to_vfork_child, ask_while_all_are_safe};
    static const char* const names[] = {"a family", "a vfork child's parent", "one that asks while all are safe"};
    for (int i = 0; i < 3; ++i) {
        const pid_t bystander = started(be_first);
        const pid_t child = fork();
        if (child == 0) {
            adjust(0);
            kinds[i]();
        }
        /* the bystander asks to be first, so that it is ended before anybody: then there is memory once more */
        held = killed(names[i], child, true) && held;
        held = killed("the one that asks to be first", bystander, true) && held;
    }
    const pid_t safe = started(be_safe_and_large);
    while (stress_memory_pages("MemFree:") > 400) {
        sched_yield();
    }
    const pid_t small = fork();
    if (small == 0) {
        adjust(0);
        take_all_but(0);
    }
    held = killed("a small one beside a large one that is safe", small, true) && held;
    held = killed("the large one", safe, false) && held;
    kill(safe, SIGKILL);
    waitpid(safe, NULL, 0);
    return held;
}

static bool two_thirds(void) {
    const size_t pages = stress_memory_pages("MemFree:") * 2 / 3;
    volatile char* const area = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) {
        return false;
    }
    for (size_t i = 0; i < pages; ++i) {
        area[i * page] = 1;
    }
    const pid_t child = fork();
    if (child == 0) {
        unsigned sum = 0;
        for (size_t i = 0; i < pages; ++i) {
            sum += (unsigned char)area[i * page];
        }
        for (size_t i = 0; i < pages / 4; ++i) { /* there is room for a quarter of it once more */
            area[i * page] = 2;
        }
        _exit(sum == pages ? 0 : 1);
    }
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        printf("stress two-thirds: fork: %s\n", strerror(errno));
        return false;
    }
    printf("stress two-thirds: the child %s\n", ending(status));
    return status == 0 && area[0] == 1;
}

static bool exec_again(const char* count) {
    const unsigned long left = strtoul(count, NULL, 10);
    if (left <= 1) {
        return true;
    }
    char text[16];
    snprintf(text, sizeof text, "%lu", left - 1);
    execl((const char*)getauxval(AT_EXECFN), "stress", "exec", text, (char*)NULL);
    printf("stress exec: %s, %s times before the end\n", strerror(errno), count);
    return false;
}

int main(int count, char** arguments) {
    bool held = false;
    if (count == 2 && strcmp(arguments[1], "nothing") == 0) { /* what others exec */
        return 0;
    }
    if (count == 2 && strcmp(arguments[1], "frames") == 0) {
        held = frames();
    } else if (count == 2 && strcmp(arguments[1], "ended") == 0) {
        held = who_is_ended();
    } else if (count == 2 && strcmp(arguments[1], "two-thirds") == 0) {
        held = two_thirds();
    } else if (count == 3 && strcmp(arguments[1], "exec") == 0) {
        held = exec_again(arguments[2]);
    } else if (count == 4 && strcmp(arguments[1], "sides") == 0) {
        held = stress_sides((unsigned)strtoul(arguments[2], NULL, 10), (unsigned)strtoul(arguments[3], NULL, 10));
    } else if (count == 2 && strcmp(arguments[1], "clones") == 0) {
        held = stress_clones();
    } else {
        fputs("usage: stress frames | ended | two-thirds | exec COUNT | sides SEED STEPS | clones\n", stderr);
        return 64;
    }
    printf("stress %s: %s\n", arguments[1], held ? "held" : "did not hold");
    return held ? 0 : 1;
}
