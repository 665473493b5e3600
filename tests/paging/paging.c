/* Programs that need more memory than there is, and find in it what they wrote. It runs on Linux, too, where swap space
 * is to be had.
 *
 *     paging rounds MIB           memory of so many MiB is written and checked, from end to end and then at random
 *     paging family MIB COUNT     so many processes fill as much each, fork, and change and check it at random with
 *                                 their children
 *     paging same MIB             pages that are one word over and over come back
 *     paging off DEVICE MIB       with so much in use, the device is taken out of use and back in, twice
 *     paging kill MIB TIMES       a process that uses as much is killed at a random moment, again and again
 *     paging shared MIB           two processes change as much shared memory by turns and check what the other did
 *     paging file MIB             a file of /tmp is written, read, mapped, made shorter and longer
 *     paging hold MIB             as much is written from 0x30000000 on, the first MiB with one word all over; then it
 *                                 stops until it is continued, and checks
 *     paging loop MIB TIMES       as much is read from end to end, again and again
 *     paging random MIB TIMES     as many pages are read, so often, at random
 *     paging beat DEVICE MIB SECONDS
 *                                 a process uses as much at random for so long, while another beats every 3 seconds and
 *                                 misses none; the device is taken out of use and back in; and again
 *     paging advice MIB           as much is told to go, to come back, and to be free: what was is there again, and
 *                                 what is free is not written
 *     paging string DIGITS [ROUNDS]
 *                                 the page of each digit is read, in this order, after all have gone to the disk; so
 *                                 often, and before each time it stops until it is continued. It says how often it
 *                                 waited for a page. All its other memory is locked
 *     paging watch MIB            a child does so, and /proc tells that it waits for pages
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { page_words = 1024, pages_in_mib = 256 };

static uint32_t random_state = 1;
static uint32_t random_word(void) {
    random_state ^= random_state << 13; /* Marsaglia, "Xorshift RNGs", 2003 */
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void fail(const char* what) {
    printf("paging: %s (errno %d)\n", what, errno);
    exit(1);
}

static uint32_t* take_pages(uint32_t pages) {
    void* const memory = mmap(NULL, (size_t)pages * page_words * 4, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        fail("no memory is given");
    }
    return memory;
}

/* What stands in a page in a round: no two pages have the same, and no page repeats a word. */
static void write_page(uint32_t* page, uint32_t number, uint32_t round) {
    for (uint32_t at = 0; at < page_words; at += 32) {
        page[at] = number * 2654435761u + at * 40503u + round;
    }
}
static void check_page(const uint32_t* page, uint32_t number, uint32_t round) {
    for (uint32_t at = 0; at < page_words; at += 32) {
        if (page[at] != number * 2654435761u + at * 40503u + round) {
            printf("paging: page %u, word %u is %#x in round %u\n", number, at, page[at], round);
            exit(1);
        }
    }
}

static void rounds(uint32_t pages) {
    uint32_t* const memory = take_pages(pages);
    unsigned char* const round_of = calloc(pages, 1);
    for (uint32_t number = 0; number < pages; ++number) {
        write_page(memory + number * page_words, number, 0);
    }
    for (uint32_t number = 0; number < pages; ++number) {
        check_page(memory + number * page_words, number, 0);
    }
    for (uint32_t step = 0; step < pages / 2; ++step) {
        const uint32_t number = random_word() % pages;
        check_page(memory + number * page_words, number, round_of[number]);
        if (step % 2 == 0) {
            write_page(memory + number * page_words, number, ++round_of[number]);
        }
    }
    for (uint32_t number = 0; number < pages; ++number) {
        check_page(memory + number * page_words, number, round_of[number]);
    }
}

static void one_of_family(uint32_t pages, uint32_t seed) {
    random_state = seed;
    uint32_t* const memory = take_pages(pages);
    unsigned char* const round_of = calloc(pages, 1);
    for (uint32_t number = 0; number < pages; ++number) {
        write_page(memory + number * page_words, number ^ seed << 20, 0);
    }
    const pid_t child = fork();
    if (child < 0) {
        fail("no child is made");
    }
    random_state += child == 0 ? 77 : 0;
    for (uint32_t step = 0; step < pages; ++step) {
        const uint32_t number = random_word() % pages;
        check_page(memory + number * page_words, number ^ seed << 20, round_of[number]);
        if (step % 3 == 0) {
            write_page(memory + number * page_words, number ^ seed << 20, ++round_of[number]);
        }
    }
    for (uint32_t number = 0; number < pages; ++number) {
        check_page(memory + number * page_words, number ^ seed << 20, round_of[number]);
    }
    int status = 0;
    if (child != 0 && (waitpid(child, &status, 0) != child || status != 0)) {
        fail("a grandchild found something wrong");
    }
}

static void family(uint32_t pages, uint32_t count) {
    for (uint32_t number = 1; number <= count; ++number) {
        const pid_t child = fork();
        if (child < 0) {
            fail("no child is made");
        }
        if (child == 0) {
            one_of_family(pages, number);
            exit(0);
        }
    }
    for (uint32_t number = 0; number < count; ++number) {
        int status = 0;
        if (wait(&status) < 0 || status != 0) {
            fail("a child found something wrong");
        }
    }
}

static void same(uint32_t pages) {
    uint32_t* const memory = take_pages(pages);
    for (uint32_t number = 0; number < pages; ++number) {
        for (uint32_t at = 0; at < page_words; ++at) {
            memory[number * page_words + at] = number % 3 == 0 ? 0 : 0xABCD0000 + number % 3;
        }
    }
    for (uint32_t number = 0; number < pages; ++number) {
        for (uint32_t at = 0; at < page_words; at += 11) {
            if (memory[number * page_words + at] != (number % 3 == 0 ? 0 : 0xABCD0000 + number % 3)) {
                fail("a page that was one word over and over is another now");
            }
        }
    }
}

/* By turns: each checks what the other wrote, and writes something else. */
static void shared(uint32_t pages) {
    uint32_t* const memory = mmap(NULL, (size_t)pages * page_words * 4, PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    int to_child[2];
    int to_parent[2];
    if (memory == MAP_FAILED || pipe(to_child) != 0 || pipe(to_parent) != 0) {
        fail("no memory is given");
    }
    for (uint32_t number = 0; number < pages; ++number) {
        write_page(memory + number * page_words, number, 0);
    }
    const pid_t child = fork();
    if (child < 0) {
        fail("no child is made");
    }
    const int from = child == 0 ? to_child[0] : to_parent[0];
    const int to = child == 0 ? to_parent[1] : to_child[1];
    char turn = 0;
    for (uint32_t round = 0; round < 4; ++round) {
        if (round % 2 == (child == 0 ? 1U : 0U)) {
            for (uint32_t number = 0; number < pages; ++number) {
                check_page(memory + number * page_words, number, round);
                write_page(memory + number * page_words, number, round + 1);
            }
            if (write(to, &turn, 1) != 1) {
                fail("the other is not told");
            }
        } else if (read(from, &turn, 1) != 1) {
            fail("the other does not come to its turn");
        }
    }
    int status = 0;
    if (child == 0) {
        exit(0);
    }
    if (waitpid(child, &status, 0) != child || status != 0) {
        fail("the child found something wrong");
    }
}

static void file(uint32_t pages) {
    enum { page_bytes = page_words * 4 };
    static uint32_t buffer[4 * page_words];
    const int descriptor = open("/tmp/paging.file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (descriptor < 0) {
        fail("no file is made");
    }
    for (uint32_t number = 0; number < pages; ++number) {
        memset(buffer, 0, sizeof buffer);
        write_page(buffer, number, 0);
        if (write(descriptor, buffer, page_bytes) != page_bytes) {
            fail("a page is not written");
        }
    }
    lseek(descriptor, 0, SEEK_SET);
    for (uint32_t number = 0; number < pages; number += 4) { /* several pages with each call */
        if (read(descriptor, buffer, sizeof buffer) != (ssize_t)sizeof buffer) {
            fail("pages are not read as a whole");
        }
        for (uint32_t each = 0; each < 4; ++each) {
            check_page(buffer + each * page_words, number + each, 0);
        }
    }
    uint32_t* const memory = mmap(NULL, (size_t)pages * page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) {
        fail("the file is not mapped");
    }
    unsigned char* const round_of = calloc(pages, 1);
    for (uint32_t step = 0; step < pages; ++step) { /* by turns through the mapping and with calls */
        const uint32_t number = random_word() % pages;
        if (step % 4 < 2) {
            check_page(memory + number * page_words, number, round_of[number]);
            if (step % 4 == 0) {
                write_page(memory + number * page_words, number, ++round_of[number]);
            }
        } else {
            if (pread(descriptor, buffer, page_bytes, (off_t)number * page_bytes) != page_bytes) {
                fail("a page is not read");
            }
            check_page(buffer, number, round_of[number]);
            if (step % 4 == 2) {
                write_page(buffer, number, ++round_of[number]);
                if (pwrite(descriptor, buffer, page_bytes, (off_t)number * page_bytes) != page_bytes) {
                    fail("a page is not written again");
                }
            }
        }
    }
    const uint32_t half = pages / 2;
    if (ftruncate(descriptor, (off_t)half * page_bytes + 4) != 0 ||
        ftruncate(descriptor, (off_t)pages * page_bytes) != 0) {
        fail("the file's size is not changed");
    }
    for (uint32_t number = 0; number < half; ++number) {
        check_page(memory + number * page_words, number, round_of[number]);
    }
    if (memory[half * page_words + 32] != 0 || memory[(pages - 1) * page_words] != 0) {
        fail("what was cut off is there again");
    }
    if (munmap(memory, (size_t)pages * page_bytes) != 0 || close(descriptor) != 0 || unlink("/tmp/paging.file") != 0) {
        fail("the file does not end");
    }
}

static void off(const char* device, uint32_t pages) {
    uint32_t* const memory = take_pages(pages);
    for (uint32_t round = 0; round < 2; ++round) {
        for (uint32_t number = 0; number < pages; ++number) {
            write_page(memory + number * page_words, number, round);
        }
        if (swapoff(device) != 0) {
            fail("the device is not taken out of use");
        }
        if (swapoff(device) == 0 || errno != EINVAL) {
            fail("a device that is out of use can be taken out of use");
        }
        for (uint32_t number = 0; number < pages; ++number) {
            check_page(memory + number * page_words, number, round);
        }
        if (swapon(device, 0) != 0) {
            fail("the device is not taken back into use");
        }
        if (swapon(device, 0) == 0 || errno != EBUSY) {
            fail("a device in use can be taken into use");
        }
    }
}

static void kill_again(uint32_t pages, uint32_t times) {
    for (uint32_t time = 0; time < times; ++time) {
        const pid_t child = fork();
        if (child < 0) {
            fail("no child is made");
        }
        if (child == 0) {
            random_state = time + 1;
            uint32_t* const memory = take_pages(pages);
            while (true) {
                const uint32_t number = random_word() % pages;
                write_page(memory + number * page_words, number, random_word());
            }
        }
        const struct timespec moment = {.tv_nsec = (long)(random_word() % 60000000)};
        nanosleep(&moment, NULL);
        kill(child, SIGKILL);
        int status = 0;
        if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
            fail("a child ended otherwise than by being killed");
        }
    }
}

static void hold(uint32_t pages) {
    uint32_t* const memory = mmap((void*)0x30000000, (size_t)pages * page_words * 4, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (memory == MAP_FAILED) {
        fail("no memory is given");
    }
    for (uint32_t at = 0; at < pages_in_mib * page_words; ++at) {
        memory[at] = 0x51515151;
    }
    for (uint32_t number = pages_in_mib; number < pages; ++number) {
        write_page(memory + number * page_words, number, 0);
    }
    raise(SIGSTOP);
    for (uint32_t at = 0; at < pages_in_mib * page_words; ++at) {
        if (memory[at] != 0x51515151) {
            fail("a page that was one word over and over is another now");
        }
    }
    for (uint32_t number = pages_in_mib; number < pages; ++number) {
        check_page(memory + number * page_words, number, 0);
    }
}

static void loop(uint32_t pages, uint32_t times) {
    uint32_t* const memory = take_pages(pages);
    for (uint32_t number = 0; number < pages; ++number) {
        write_page(memory + number * page_words, number, 0);
    }
    for (uint32_t time = 0; time < times; ++time) {
        for (uint32_t number = 0; number < pages; ++number) {
            check_page(memory + number * page_words, number, 0);
        }
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void eat(uint32_t pages) {
    uint32_t* const memory = take_pages(pages);
    unsigned char* const round_of = calloc(pages, 1);
    for (uint32_t number = 0; number < pages; ++number) {
        write_page(memory + number * page_words, number, 0);
    }
    for (uint32_t step = 0;; ++step) {
        const uint32_t number = random_word() % pages;
        check_page(memory + number * page_words, number, round_of[number]);
        if (step % 2 == 0) {
            write_page(memory + number * page_words, number, ++round_of[number]);
        }
    }
}

static void beat_beside(pid_t eater, uint32_t seconds) {
    enum { interval = 3 };
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (uint32_t passed = 0; passed < seconds; passed += interval) {
        next.tv_sec += interval;
        if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) != 0) {
            fail("a sleep ends early");
        }
        const double late = now() - (double)next.tv_sec - (double)next.tv_nsec / 1e9;
        if (late > interval) {
            printf("paging: a beat is %.1f seconds late\n", late);
            exit(1);
        }
        if (waitpid(eater, NULL, WNOHANG) != 0) {
            fail("the eater has ended");
        }
    }
}

static void beat(const char* device, uint32_t pages, uint32_t seconds) {
    for (uint32_t round = 0; round < 2; ++round) {
        const pid_t eater = fork();
        if (eater < 0) {
            fail("no child is made");
        }
        if (eater == 0) {
            eat(pages);
        }
        beat_beside(eater, seconds);
        kill(eater, SIGKILL);
        if (waitpid(eater, NULL, 0) != eater) {
            fail("the eater does not end");
        }
        if (swapoff(device) != 0 || swapon(device, 0) != 0) {
            fail("swap is not taken out of use, or not back in");
        }
    }
}

static void at_random(uint32_t pages, uint32_t times) {
    uint32_t* const memory = take_pages(pages);
    for (uint32_t number = 0; number < pages; ++number) {
        write_page(memory + number * page_words, number, 0);
    }
    for (uint64_t left = (uint64_t)pages * times; left != 0; --left) {
        const uint32_t number = random_word() % pages;
        check_page(memory + number * page_words, number, 0);
    }
}

/* The number behind the label in a file of /proc; -1 where it is not there. */
static long long told(const char* path, const char* label) {
    char text[4096];
    FILE* const file = fopen(path, "r");
    if (file == NULL) {
        fail(path);
    }
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    const char* const place = strstr(text, label);
    return place == NULL ? -1 : atoll(place + strlen(label));
}

static char state_of(pid_t process) {
    char path[32], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    FILE* const file = fopen(path, "r");
    if (file == NULL) {
        fail(path);
    }
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return strrchr(text, ')')[2];
}

static void watch(uint32_t pages) {
    const pid_t child = fork();
    if (child < 0) {
        fail("no child is made");
    }
    if (child == 0) {
        while (true) {
            loop(pages, 1000);
        }
    }
    const long long stalled = told("/proc/pressure/memory", "total="), faults = told("/proc/vmstat", "pgmajfault ");
    enum { enough = 20, patience = 6000 };
    int waits = 0;
    long long came = 0;
    for (int look = 0; waits < enough || came < enough; ++look) { /* it may have waited for room */
        if (look == patience) {
            fail("a process that pages is hardly seen waiting, or its faults are not counted");
        }
        const struct timespec moment = {.tv_nsec = 7000000};
        nanosleep(&moment, NULL);
        waits += state_of(child) == 'D';
        came = told("/proc/vmstat", "pgmajfault ") - faults;
    }
    if (told("/proc/pressure/memory", "total=") <= stalled || told("/proc/pressure/io", "total=") <= 0) {
        fail("no pressure is told");
    }
    if (told("/proc/vmstat", "workingset_refault_anon ") < enough || told("/proc/vmstat", "pgsteal_anon ") < enough ||
        told("/proc/vmstat", "pgscan_anon ") < told("/proc/vmstat", "pgsteal_anon ")) {
        fail("faults, re-faults and what was looked at are not counted");
    }
    kill(child, SIGKILL);
    if (waitpid(child, NULL, 0) != child) {
        fail("the child does not end");
    }
    if (told("/proc/vmstat", "pgmajfault ") - faults < came) {
        fail("with a process its faults are forgotten");
    }
}

/* How many of the pages are in memory. */
static uint32_t resident(void* memory, uint32_t pages) {
    unsigned char* const there = malloc(pages);
    if (there == NULL || mincore(memory, (size_t)pages * page_words * 4, there) != 0) {
        fail("it is not told what is in memory");
    }
    uint32_t count = 0;
    for (uint32_t number = 0; number < pages; ++number) {
        count += there[number] & 1u;
    }
    free(there);
    return count;
}

static void pause_a_moment(void) {
    const struct timespec moment = {.tv_nsec = 20000000};
    nanosleep(&moment, NULL);
}

static void advice(uint32_t pages) {
    const size_t bytes = (size_t)pages * page_words * 4;
    uint32_t* const memory = take_pages(pages);
    for (uint32_t number = 0; number < pages; ++number) {
        write_page(memory + number * page_words, number, 0);
    }
    if (madvise(memory, bytes, MADV_PAGEOUT) != 0) {
        fail("the pages are not told to go");
    }
    for (int look = 0; resident(memory, pages) > pages / 8; ++look) {
        if (look == 500) {
            fail("most pages stay that were told to go");
        }
        pause_a_moment();
    }
    const uint32_t few = pages / 8;
    if (madvise(memory, few * page_words * 4, MADV_WILLNEED) != 0) {
        fail("some are not asked for");
    }
    for (int look = 0; resident(memory, few) < few / 4; ++look) { /* as many as are read at a time */
        if (look == 500) {
            fail("no page comes that was asked for");
        }
        pause_a_moment();
    }
    for (uint32_t number = 0; number < pages; ++number) {
        check_page(memory + number * page_words, number, 0);
        write_page(memory + number * page_words, number, 1);
    }
    const long long written = told("/proc/vmstat", "pswpout ");
    if (madvise(memory, bytes, MADV_FREE) != 0 || madvise(memory, bytes, MADV_PAGEOUT) != 0) {
        fail("the pages are not free");
    }
    write_page(memory, 0, 2);
    check_page(memory, 0, 2);
    uint32_t zeros = 0;
    for (uint32_t number = 1; number < pages; ++number) {
        if (memory[number * page_words] == 0) {
            ++zeros;
        } else {
            check_page(memory + number * page_words, number, 1);
        }
    }
    if (zeros < pages / 2 || told("/proc/vmstat", "pswpout ") - written > pages / 4) {
        printf("paging: %u pages of %u went, and %lld were written\n", zeros, pages,
               told("/proc/vmstat", "pswpout ") - written);
        exit(1);
    }
}

static long major_faults(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_majflt;
}

static void play_string(const char* string, uint32_t rounds) {
    enum { pages = 10 };
    if (string[strspn(string, "0123456789")] != 0 || mlockall(MCL_CURRENT) != 0) {
        fail("the string is no digits, or memory cannot be locked");
    }
    uint32_t* const memory = take_pages(pages);
    for (uint32_t number = 0; number < pages; ++number) {
        write_page(memory + number * page_words, number, 0);
    }
    for (uint32_t round = 0; round < rounds; ++round) {
        unsigned char there[pages];
        bool any = true;
        while (any) {
            if (madvise(memory, pages * page_words * 4, MADV_PAGEOUT) != 0 ||
                mincore(memory, pages * page_words * 4, there) != 0) {
                fail("the pages do not go");
            }
            any = memchr(there, 1, sizeof there) != NULL;
            pause_a_moment();
        }
        raise(SIGSTOP);
        const long before = major_faults();
        for (const char* digit = string; *digit != 0; ++digit) {
            (void)*(volatile uint32_t*)(memory + (uint32_t)(*digit - '0') * page_words);
        }
        const long faults = major_faults() - before;
        printf("paging string: %ld faults\n", faults);
        fflush(stdout);
    }
    for (uint32_t number = 0; number < pages; ++number) {
        check_page(memory + number * page_words, number, 0);
    }
}

int main(int count, char** words) {
    const char* const what = count > 2 ? words[1] : "";
    const uint32_t first = count > 2 ? (uint32_t)atoi(words[2]) * pages_in_mib : 0;
    if (strcmp(what, "rounds") == 0) {
        rounds(first);
    } else if (strcmp(what, "family") == 0 && count > 3) {
        family(first, (uint32_t)atoi(words[3]));
    } else if (strcmp(what, "same") == 0) {
        same(first);
    } else if (strcmp(what, "off") == 0 && count > 3) {
        off(words[2], (uint32_t)atoi(words[3]) * pages_in_mib);
    } else if (strcmp(what, "shared") == 0) {
        shared(first);
    } else if (strcmp(what, "file") == 0) {
        file(first);
    } else if (strcmp(what, "kill") == 0 && count > 3) {
        kill_again(first, (uint32_t)atoi(words[3]));
    } else if (strcmp(what, "hold") == 0) {
        hold(first);
    } else if (strcmp(what, "loop") == 0 && count > 3) {
        loop(first, (uint32_t)atoi(words[3]));
    } else if (strcmp(what, "random") == 0 && count > 3) {
        at_random(first, (uint32_t)atoi(words[3]));
    } else if (strcmp(what, "beat") == 0 && count > 4) {
        beat(words[2], (uint32_t)atoi(words[3]) * pages_in_mib, (uint32_t)atoi(words[4]));
    } else if (strcmp(what, "advice") == 0) {
        advice(first);
    } else if (strcmp(what, "string") == 0) {
        play_string(words[2], count > 3 ? (uint32_t)atoi(words[3]) : 1);
    } else if (strcmp(what, "watch") == 0) {
        watch(first);
    } else {
        puts("usage: paging rounds|family|same|off|kill|shared|file|hold|loop|random|beat|advice|string|watch ... "
             "(see tests/paging/paging.c)");
        return 2;
    }
    printf("paging %s: held\n", what);
    return 0;
}
