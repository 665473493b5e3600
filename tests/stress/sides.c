/* Memory taken from all sides at once, by workers that each do one of the things below, at random, again and again:
   they touch pages, ask for page tables and regions, fill pipes and /tmp, fork, exec, share and grow. Whatever comes
   short has to fail with an error that says so, or the kernel ends a process by SIGKILL; what was written has to be
   read again. Each thing done is a step, and so is each process that the kernel ended: the steps are counted, and it
   ends with the last of them. */
#include "tests/stress/stress.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { workers = 6, span = 4 << 20, most_spans = 320, most_pipes = 200, most_shared = 256 << 20, most_children = 48 };

/* What the workers and who started them write down together. */
struct Counts {
    unsigned steps;
    unsigned ended; /* processes that the kernel ended */
    unsigned wrong;
};
static struct Counts* counts;
static unsigned wanted;
static const char* doing = "nothing";
static unsigned random_state;
static size_t total_pages;

static unsigned below(unsigned bound) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % bound;
}

static void count(unsigned* number) {
    __atomic_fetch_add(number, 1, __ATOMIC_RELAXED);
}

static void wrong(const char* what) {
    count(&counts->wrong);
    printf("stress sides: %s: %s\n", doing, what);
}

/* For what a call answered. True if it succeeded; it may fail for want of memory or room only. */
static bool done(bool succeeded, const char* call) {
    if (!succeeded && errno != ENOMEM && errno != EAGAIN && errno != ENOSPC && errno != EMFILE && errno != ENFILE) {
        const int error = errno;
        char text[80];
        snprintf(text, sizeof text, "%s: %s", call, strerror(error));
        wrong(text);
    }
    return succeeded;
}

/* Waits for a child. True if it exited with 0; the only other end that it may have is that the kernel ended it, or,
   where it wrote to a mapped file that found no room, SIGBUS. */
static bool ended_well(pid_t child, bool wrote_to_file) {
    int status = 0;
    if (waitpid(child, &status, 0) != child) {
        wrong("waitpid does not know the child");
        return false;
    }
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || (wrote_to_file && WTERMSIG(status) == SIGBUS))) {
        count(&counts->ended);
        return false;
    }
    if (status != 0) {
        char text[80];
        snprintf(text, sizeof text, "a child ended with status 0x%x", status);
        wrong(text);
    }
    return status == 0;
}

static unsigned* map(size_t bytes, int flags) {
    void* const area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
    return done(area != MAP_FAILED, "mmap") ? area : NULL;
}

/* Writes into each `stride`-th byte's page something that only this place in this worker holds. */
static void write_pages(unsigned* area, size_t bytes, size_t stride, unsigned salt) {
    for (size_t at = 0; at < bytes; at += stride) {
        area[at / sizeof *area] = salt ^ (unsigned)at;
    }
}

static void check_pages(const unsigned* area, size_t bytes, size_t stride, unsigned salt) {
    for (size_t at = 0; at < bytes; at += stride) {
        if (area[at / sizeof *area] != (salt ^ (unsigned)at)) {
            wrong("a page does not hold what was written to it");
            return;
        }
    }
}

static void touch(void) {
    const unsigned most = (unsigned)total_pages / (below(3) == 0 ? 1 : 16);
    const size_t bytes = (1 + below(most)) * page;
    const unsigned salt = random_state;
    unsigned* const area = map(bytes, MAP_PRIVATE);
    if (area == NULL) {
        return;
    }
    write_pages(area, bytes, page, salt);
    check_pages(area, bytes, page, salt);
    if (below(2) == 0) {
        madvise(area, bytes / 2, MADV_DONTNEED);
        write_pages(area, bytes, page, ~salt);
        check_pages(area, bytes, page, ~salt);
    }
    munmap(area, bytes);
}

/* One page in each span of 4 MiB, whose tables a child shares, unshares and drops in part. */
static void tables(void) {
    const size_t bytes = (1 + below(most_spans)) * (size_t)span;
    const unsigned salt = random_state;
    unsigned* const area = map(bytes, MAP_PRIVATE);
    if (area == NULL) {
        return;
    }
    write_pages(area, bytes, span, salt);
    const pid_t child = fork();
    if (child == 0) {
        write_pages(area + page / sizeof *area, bytes, span, ~salt);
        done(munmap(area, bytes / 2 / span * span + page) == 0, "munmap");
        _exit(0);
    }
    if (done(child > 0, "fork")) {
        ended_well(child, false);
    }
    check_pages(area, bytes, span, salt);
    for (size_t at = page; at < bytes; at += span) {
        if (area[at / sizeof *area] != 0) {
            wrong("what a child wrote shows in its parent");
            break;
        }
    }
    munmap(area, bytes);
}

/* Every other page with another protection: as many regions as pages. */
static void regions(void) {
    const size_t pages = 2 + below(8000);
    unsigned* const area = map(pages * page, MAP_PRIVATE);
    if (area == NULL) {
        return;
    }
    for (size_t at = 1; at < pages; at += 2) {
        if (!done(mprotect((char*)area + at * page, page, PROT_NONE) == 0, "mprotect")) {
            break;
        }
    }
    write_pages(area, pages * page, 2 * page, random_state);
    check_pages(area, pages * page, 2 * page, random_state);
    done(munmap(area, pages * page) == 0, "munmap");
}

static void pipes(void) {
    static unsigned text[1024], found[1024];
    int ends[most_pipes][2];
    int made = 0;
    while (made < most_pipes && done(pipe2(ends[made], O_NONBLOCK) == 0, "pipe2")) {
        ++made;
    }
    for (int i = 0; i < made; ++i) {
        text[0] = (unsigned)i;
        while (done(write(ends[i][1], text, sizeof text) > 0, "write to a pipe")) {
        }
    }
    for (int i = 0; i < made; ++i) {
        const ssize_t bytes = read(ends[i][0], found, sizeof found);
        if (bytes > 0 && found[0] != (unsigned)i) {
            wrong("a pipe does not hold what was written to it");
        }
        close(ends[i][0]);
        close(ends[i][1]);
    }
}

/* Files and names, some of them mapped privately, in the worker's own folder, which is the current one. */
static void files(void) {
    static unsigned text[1024];
    char name[16];
    const unsigned number = 1 + below(40);
    unsigned made = 0;
    for (; made < number; ++made) {
        snprintf(name, sizeof name, "f%u", made);
        const int file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
        if (!done(file >= 0, "open")) {
            break;
        }
        text[0] = made;
        unsigned pages = below(300);
        while (pages > 0 && done(write(file, text, sizeof text) > 0, "write to a file")) {
            --pages;
        }
        struct stat status = {0};
        fstat(file, &status);
        const size_t bytes = (size_t)status.st_size / page * page;
        unsigned* const area =
            bytes > 0 ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file, 0) : MAP_FAILED;
        if (bytes > 0 && done(area != MAP_FAILED, "mmap of a file")) {
            if (area[0] != made || area[(bytes - page) / sizeof *area] != made) {
                wrong("a file does not hold what was written to it");
            }
            write_pages(area, bytes, page, random_state);
            check_pages(area, bytes, page, random_state);
            munmap(area, bytes);
        }
        close(file);
    }
    while (made > 0) {
        snprintf(name, sizeof name, "f%u", --made);
        done(unlink(name) == 0, "unlink");
    }
}

/* Children that each have copies of pages of their own, all at once. */
static void forks(void) {
    const size_t bytes = (1 + below(200)) * page;
    const unsigned salt = random_state;
    const int number = 1 + (int)below(most_children);
    pid_t children[most_children];
    int made = 0;
    int ends[2];
    unsigned* const area = map(bytes, MAP_PRIVATE);
    if (area == NULL || !done(pipe(ends) == 0, "pipe")) {
        return;
    }
    write_pages(area, bytes, page, salt);
    while (made < number) {
        const pid_t child = fork();
        if (child == 0) {
            char none;
            close(ends[1]);
            check_pages(area, bytes, page, salt);
            write_pages(area, bytes, page, salt + (unsigned)made);
            read(ends[0], &none, 1); /* until all are there, or whoever forked them is gone */
            check_pages(area, bytes, page, salt + (unsigned)made);
            _exit(0);
        }
        if (!done(child > 0, "fork")) {
            break;
        }
        children[made++] = child;
    }
    close(ends[0]);
    close(ends[1]);
    while (made > 0) {
        ended_well(children[--made], false);
    }
    check_pages(area, bytes, page, salt);
    munmap(area, bytes);
}

/* Shared pages, close together or far apart: each needs a frame, and the kernel's books about it now and then another.
 */
static void sharing(void) {
    const size_t stride = (size_t)page << below(8);
    const unsigned strides = 1 + below((unsigned)total_pages / 8);
    const size_t bytes = strides < most_shared / stride ? strides * stride : most_shared;
    const unsigned salt = random_state;
    int file = -1;
    void* area;
    if (below(2) == 0) {
        area = map(bytes, MAP_SHARED);
    } else {
        file = open("shared", O_RDWR | O_CREAT | O_TRUNC, 0600);
        const bool sized = done(file >= 0, "open") && done(ftruncate(file, (off_t)bytes) == 0, "ftruncate");
        area = sized ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : NULL;
        if (area == MAP_FAILED) {
            done(false, "mmap of a shared file");
            area = NULL;
        }
    }
    if (area != NULL) {
        const pid_t child = fork();
        if (child == 0) {
            write_pages(area, bytes, stride, salt);
            _exit(0);
        }
        if (done(child > 0, "fork") && ended_well(child, file >= 0)) {
            check_pages(area, bytes, stride, salt);
        }
        munmap(area, bytes);
    }
    if (file >= 0) {
        close(file);
        unlink("shared");
    }
}

static void programs(void) {
    static char text[100000];
    memset(text, 'a', 1 + below(sizeof text - 2));
    char* const environment[] = {text, NULL};
    const pid_t child = below(2) == 0 ? fork() : vfork();
    if (child == 0) {
        execle((const char*)getauxval(AT_EXECFN), "stress", "nothing", (char*)NULL, environment);
        _exit(errno == ENOMEM || errno == EAGAIN ? 0 : 4);
    }
    if (!done(child > 0, "fork")) {
        return;
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) {
        wrong("waitpid does not know the child");
    } else if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGSEGV)) {
        /* A new program whose C library finds no memory before main() may end so, on Linux too: under a small
           `ulimit -v`, for example. */
        count(&counts->ended);
    } else if (status != 0 && WEXITSTATUS(status) != 127) {
        char what[80];
        snprintf(what, sizeof what, "a new program ended with status 0x%x", status);
        wrong(what);
    }
}

static void growth(void) {
    size_t bytes = page;
    const unsigned salt = random_state;
    char* area = (char*)map(bytes, MAP_PRIVATE);
    if (area == NULL) {
        return;
    }
    const size_t most = (1 + below((unsigned)total_pages / 2)) * page;
    while (bytes < most) {
        write_pages((unsigned*)area, bytes, page, salt);
        char* const moved = mremap(area, bytes, bytes * 2, MREMAP_MAYMOVE);
        if (!done(moved != MAP_FAILED, "mremap")) {
            break;
        }
        check_pages((unsigned*)moved, bytes, page, salt);
        area = moved;
        bytes *= 2;
    }
    munmap(area, bytes);
    char* const old_break = sbrk(0);
    if (done(sbrk((intptr_t)most) != (void*)-1, "sbrk")) {
        write_pages((unsigned*)(((uintptr_t)old_break + page - 1) / page * page), most - page, page, salt);
    }
    brk(old_break);
}

static const struct {
    const char* name;
    void (*run)(void);
} sides[] = {
    {"touch", touch}, {"tables", tables},   {"regions", regions},   {"pipes", pipes},   {"files", files},
    {"forks", forks}, {"sharing", sharing}, {"programs", programs}, {"growth", growth},
};

static void folder_of(unsigned worker, char* text, size_t bytes) {
    snprintf(text, bytes, "/tmp/sides-%u", worker);
}

/* What a worker that was ended has left in its folder is memory, too. */
static void empty_folder(unsigned worker) {
    char text[300];
    folder_of(worker, text, sizeof text);
    DIR* const folder = opendir(text);
    if (folder == NULL) {
        return;
    }
    for (struct dirent* entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            snprintf(text, sizeof text, "/tmp/sides-%u/%s", worker, entry->d_name);
            unlink(text);
        }
    }
    closedir(folder);
}

/* Memory in pipes and files is nobody's, so that any process may seem to hold most: who counts must not be ended. */
static bool ask_to_be_ended(const char* how_likely) {
    const int file = open("/proc/self/oom_score_adj", O_WRONLY);
    const bool asked = done(file >= 0 && write(file, how_likely, strlen(how_likely)) > 0, "oom_score_adj");
    close(file);
    return asked;
}

static void work(unsigned worker) {
    char folder[32];
    if (!ask_to_be_ended("0")) { /* there is not even memory to ask; that was this worker's step */
        count(&counts->steps);
        _exit(0);
    }
    folder_of(worker, folder, sizeof folder);
    if (!done(chdir(folder) == 0, "chdir")) {
        _exit(1);
    }
    while (__atomic_load_n(&counts->steps, __ATOMIC_RELAXED) < wanted) {
        const unsigned chosen = below(sizeof sides / sizeof *sides);
        doing = sides[chosen].name;
        sides[chosen].run();
        count(&counts->steps);
    }
    _exit(0);
}

bool stress_sides(unsigned seed, unsigned steps) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    wanted = steps;
    total_pages = stress_memory_pages("MemTotal:");
    counts = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counts == MAP_FAILED) {
        return false;
    }
    if (!ask_to_be_ended("-1000")) {
        return false;
    }
    pid_t running[workers] = {0};
    unsigned started = 0;
    unsigned alive = 0;
    for (;;) {
        for (unsigned i = 0; i < workers && counts->steps < wanted; ++i) {
            if (running[i] != 0) {
                continue;
            }
            char folder[32];
            folder_of(i, folder, sizeof folder);
            random_state = (seed * 2654435761U + ++started * 40503U) | 1U;
            pid_t child = -1;
            if (done(mkdir(folder, 0700) == 0 || errno == EEXIST, "mkdir") && done((child = fork()) >= 0, "fork")) {
                if (child == 0) {
                    work(i);
                }
                running[i] = child;
                ++alive;
            } else if (alive == 0) {
                wrong("not even one worker can be started");
                return false;
            }
        }
        if (alive == 0) {
            break;
        }
        int status = 0;
        const pid_t ended = wait(&status);
        for (unsigned i = 0; i < workers; ++i) {
            if (running[i] == ended) {
                running[i] = 0;
                --alive;
                empty_folder(i);
            }
        }
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
            count(&counts->ended);
            count(&counts->steps);
        } else if (status != 0) {
            printf("stress sides: a worker ended with status 0x%x\n", status);
            count(&counts->wrong);
            count(&counts->steps);
        }
    }
    for (unsigned i = 0; i < workers; ++i) {
        char folder[32];
        folder_of(i, folder, sizeof folder);
        empty_folder(i);
        rmdir(folder);
    }
    printf("stress sides: %u steps, %u processes ended by the kernel, %u wrong\n", counts->steps, counts->ended,
           counts->wrong);
    return counts->wrong == 0;
}
