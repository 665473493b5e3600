/* What only a machine with disks of its own can be asked, for it overwrites them. Each says "held" at the end if
   everything was as it should be:
   `disks bytes DEVICE SEED ROUNDS` writes and reads at any offset, beside a model in memory, and at the end;
   `disks controls DEVICE` asks for sizes and kind, and syncs;
   `disks partitions DEVICE` writes tables of partitions and looks what becomes of them;
   `disks together DEVICE DEVICE` has several processes use both, while another computes, and kills readers;
   `disks bad DEVICE SECTOR` meets an error there, and none beside it;
   `disks pages DEVICE COUNT` reads and writes so many pages, one by one, and tells what that costs. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { page = 4096, sector = 512, model_bytes = 2 << 20 };

static bool held = true;

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("line %d: not so: %s (errno %d)\n", __LINE__, #condition, errno);                                   \
            held = false;                                                                                              \
        }                                                                                                              \
    } while (0)

static uint32_t random_state;
static uint32_t below(uint32_t limit) {
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % limit;
}

static int open_device(const char* path, int flags) {
    const int file = open(path, flags | O_LARGEFILE);
    if (file < 0) {
        printf("%s cannot be opened: errno %d\n", path, errno);
        exit(1);
    }
    return file;
}

static uint64_t size_of(int file) {
    uint64_t size = 0;
    CHECK(ioctl(file, BLKGETSIZE64, &size) == 0);
    return size;
}

/* ---- Bytes */

static char model[model_bytes], memory[model_bytes + page];

static size_t some_length(size_t most) {
    const size_t length = below(8) == 0 ? below(300000) : below(2) == 0 ? below(5000) : below(700);
    return 1 + (length < most ? length : most - 1);
}

static void write_somewhere(int file) {
    const off_t offset = below(model_bytes - 1);
    const size_t length = some_length((size_t)(model_bytes - offset));
    char* const from = memory + below(page);
    for (size_t i = 0; i < length; ++i) {
        from[i] = (char)(random_state >> 16) + (char)(i * 31);
    }
    below(2);
    memcpy(model + offset, from, length);
    if (below(3) == 0) {
        const size_t first = below((uint32_t)length + 1);
        const struct iovec pieces[] = {{from, first}, {from + first, length - first}};
        CHECK(lseek(file, offset, SEEK_SET) == offset);
        CHECK(writev(file, pieces, 2) == (ssize_t)length);
        CHECK(lseek(file, 0, SEEK_CUR) == offset + (off_t)length);
    } else {
        CHECK(pwrite(file, from, length, offset) == (ssize_t)length);
    }
}

static void read_somewhere(int file) {
    const off_t offset = below(model_bytes - 1);
    const size_t length = some_length((size_t)(model_bytes - offset));
    char* const to = memory + below(page);
    memset(to, 0x5A, length);
    CHECK(pread(file, to, length, offset) == (ssize_t)length);
    CHECK(memcmp(to, model + offset, length) == 0);
}

/* What a process writes, another reads from the same device. */
static void read_in_child(const char* path) {
    const pid_t child = fork();
    if (child == 0) {
        const int file = open_device(path, O_RDONLY);
        CHECK(read(file, memory, model_bytes) == model_bytes);
        CHECK(memcmp(memory, model, model_bytes) == 0);
        exit(held ? 0 : 1);
    }
    int status = 1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

static void at_the_end(int file) {
    const off_t end = (off_t)size_of(file);
    CHECK(lseek(file, 0, SEEK_END) == end);
    errno = 0;
    CHECK(write(file, memory, 1) == -1 && errno == ENOSPC);
    CHECK(read(file, memory, 1) == 0);
    CHECK(pwrite(file, "end", 3, end - 2) == 2);
    CHECK(pread(file, memory, 10, end - 3) == 3);
    CHECK(memcmp(memory + 1, "en", 2) == 0);
}

static void bytes(const char* path, unsigned rounds) {
    const int file = open_device(path, O_RDWR);
    CHECK(pwrite(file, model, model_bytes, 0) == model_bytes);
    for (unsigned i = 0; i < rounds; ++i) {
        if (below(2) == 0) {
            write_somewhere(file);
        } else {
            read_somewhere(file);
        }
    }
    CHECK(fsync(file) == 0);
    CHECK(fdatasync(file) == 0);
    read_in_child(path);
    at_the_end(file);
    close(file);
}

/* ---- Controls */

static void controls(const char* path) {
    const int file = open_device(path, O_RDWR);
    struct stat status;
    CHECK(fstat(file, &status) == 0);
    CHECK(S_ISBLK(status.st_mode));
    CHECK(major(status.st_rdev) == 3 || major(status.st_rdev) == 22);
    unsigned long sectors = 0;
    int number = 0;
    CHECK(ioctl(file, BLKGETSIZE, &sectors) == 0);
    CHECK((uint64_t)sectors * sector == size_of(file));
    CHECK(ioctl(file, BLKSSZGET, &number) == 0 && number == sector);
    CHECK(ioctl(file, BLKBSZGET, &number) == 0 && number >= sector && number <= page);
    CHECK(ioctl(file, BLKROGET, &number) == 0 && number == 0);
    CHECK(ioctl(file, BLKFLSBUF, 0) == 0);
    CHECK(ioctl(file, BLKGETSIZE64, (void*)8) == -1 && errno == EFAULT);
    CHECK(ioctl(file, 0x5401, memory) == -1 && errno == ENOTTY);
    CHECK(mmap(NULL, page, PROT_READ, MAP_PRIVATE, file, 0) == MAP_FAILED && errno == ENODEV);
    const int exclusive = open_device(path, O_RDWR | O_EXCL);
    CHECK(open(path, O_RDWR | O_EXCL) == -1 && errno == EBUSY);
    close(exclusive);
    CHECK(open("/dev/hdz", O_RDWR) == -1 && errno == ENOENT);
    close(file);
}

/* ---- Partitions */

static void put_entry(unsigned char* table, unsigned number, unsigned char type, uint32_t start, uint32_t count) {
    unsigned char* const entry = table + 446 + 16 * number;
    entry[4] = type;
    memcpy(entry + 8, &start, 4);
    memcpy(entry + 12, &count, 4);
    table[510] = 0x55;
    table[511] = 0xAA;
}

static void write_table(int file, off_t at, const unsigned char* table) {
    CHECK(pwrite(file, table, sector, at * sector) == sector);
}

static bool exists(const char* disk, unsigned number) {
    char path[64];
    struct stat status;
    snprintf(path, sizeof path, "%s%u", disk, number);
    return stat(path, &status) == 0 && S_ISBLK(status.st_mode);
}

static void partitions(const char* path) {
    const int disk = open_device(path, O_RDWR);
    unsigned char first[sector] = {0}, second[sector] = {0}, third[sector] = {0};
    put_entry(first, 0, 0x83, 2048, 2000);
    put_entry(first, 1, 0x82, 4096, 1000);
    put_entry(first, 3, 0x05, 6000, 8000);
    put_entry(second, 0, 0x83, 100, 500);
    put_entry(second, 1, 0x05, 1000, 7000);
    put_entry(third, 0, 0x82, 8, 6000);
    write_table(disk, 0, first);
    write_table(disk, 6000, second);
    write_table(disk, 7000, third);
    CHECK(ioctl(disk, BLKRRPART, 0) == 0);
    CHECK(exists(path, 1) && exists(path, 2) && !exists(path, 3) && !exists(path, 4));
    CHECK(exists(path, 5) && exists(path, 6) && !exists(path, 7));
    char name[64];
    snprintf(name, sizeof name, "%s6", path);
    const int part = open_device(name, O_RDWR);
    CHECK(size_of(part) == 6000 * sector);
    CHECK(pwrite(part, "logical", 7, 1000) == 7);
    CHECK(pread(disk, memory, 7, 7008 * (off_t)sector + 1000) == 7 && memcmp(memory, "logical", 7) == 0);
    errno = 0;
    CHECK(pwrite(part, "x", 1, 6000 * sector) == -1 && errno == ENOSPC);
    CHECK(ioctl(part, BLKRRPART, 0) == -1 && errno == EINVAL);
    CHECK(ioctl(disk, BLKRRPART, 0) == -1 && errno == EBUSY);
    close(part);
    put_entry(first, 0, 0x83, 2048, 0xFFFFFFFF); /* beyond every disk */
    write_table(disk, 0, first);
    CHECK(ioctl(disk, BLKRRPART, 0) == 0);
    CHECK(!exists(path, 1) && !exists(path, 5));
    memset(first, 0, sizeof first);
    write_table(disk, 0, first);
    CHECK(ioctl(disk, BLKRRPART, 0) == 0);
    close(disk);
}

/* ---- Together */

static pid_t reader_of(const char* path, uint32_t word) {
    const pid_t child = fork();
    if (child != 0) {
        return child;
    }
    const int file = open_device(path, O_RDWR);
    const off_t place = (off_t)(word % 16) * 65536;
    for (unsigned i = 0; i < 50; ++i) {
        for (size_t at = 0; at < 65536; at += 4) {
            memcpy(memory + at, &word, 4);
        }
        CHECK(pwrite(file, memory, 65536, place) == 65536);
        memset(memory, 0, 65536);
        CHECK(pread(file, memory, 65536, place) == 65536);
        for (size_t at = 0; at < 65536; at += 4) {
            CHECK(memcmp(memory + at, &word, 4) == 0);
        }
        word += 16;
    }
    exit(held ? 0 : 1);
}

/* Each has a byte of its own in the same sector, and none loses another's. */
static void share_a_sector(const char* path) {
    enum { writers = 4, place = 3 << 20 };
    pid_t children[writers];
    for (int i = 0; i < writers; ++i) {
        children[i] = fork();
        if (children[i] == 0) {
            const int file = open_device(path, O_RDWR);
            for (unsigned round = 0; round < 100; ++round) {
                const char written = (char)round;
                char seen = (char)~written;
                CHECK(pwrite(file, &written, 1, place + i) == 1);
                CHECK(pread(file, &seen, 1, place + i) == 1 && seen == written);
            }
            exit(held ? 0 : 1);
        }
    }
    for (int i = 0; i < writers; ++i) {
        int status = 1;
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK(status == 0);
    }
}

/* One that never stops reading is killed wherever it is. */
static void kill_readers(const char* path) {
    for (unsigned i = 0; i < 30; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            const int file = open_device(path, O_RDWR);
            while (true) {
                CHECK(pread(file, memory, 1 << 20, 2 << 20) == 1 << 20);
                CHECK(pwrite(file, memory, 1 << 20, 2 << 20) == 1 << 20);
            }
        }
        const struct timespec moment = {0, 1000000 * (long)(1 + below(15))};
        nanosleep(&moment, NULL);
        int status = 0;
        CHECK(kill(child, SIGKILL) == 0);
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    }
}

static void together(const char* one, const char* other) {
    pid_t children[6];
    for (unsigned i = 0; i < 6; ++i) {
        children[i] = reader_of(i % 2 == 0 ? one : other, 100 + i);
    }
    const pid_t computes = fork();
    if (computes == 0) {
        while (true) {
            below(2);
        }
    }
    for (unsigned i = 0; i < 6; ++i) {
        int status = 1;
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK(status == 0);
    }
    share_a_sector(one);
    kill_readers(one);
    CHECK(kill(computes, SIGKILL) == 0);
    CHECK(waitpid(computes, NULL, 0) == computes);
}

/* ---- A bad sector */

static void bad(const char* path, off_t number) {
    const int file = open_device(path, O_RDONLY);
    CHECK(pread(file, memory, page, (number - 8) * sector) == page);
    errno = 0;
    CHECK(pread(file, memory, sector, number * sector) == -1 && errno == EIO);
    errno = 0;
    CHECK(pread(file, memory, page, number * sector) == -1 && errno == EIO);
    CHECK(pread(file, memory, page, (number + 1) * sector) == page);
    close(file);
}

/* ---- What it costs: where one instruction is one nanosecond (./run --icount), all that passes while a page is moved,
   but for what a process that only counts has used of it meanwhile. */

static volatile uint32_t* counter;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* What one step of the counter costs, in thousandths. */
static uint64_t cost_of_step(void) {
    const uint32_t before = *counter;
    const uint64_t start = now();
    const struct timespec moment = {0, 200000000};
    nanosleep(&moment, NULL);
    const uint64_t passed = now() - start;
    return passed * 1000 / (*counter - before);
}

static void say_cost(const char* what, int file, unsigned count, ssize_t (*move)(int file, off_t at), uint64_t step) {
    const uint32_t before = *counter;
    const uint64_t start = now();
    for (unsigned i = 0; i < count; ++i) {
        CHECK(move(file, (off_t)i * page) == page);
    }
    const uint64_t passed = now() - start;
    const uint64_t elsewhere = (*counter - before) * step / 1000;
    printf("a page %s: %lu instructions\n", what, (unsigned long)((passed - elsewhere) / count));
}

static ssize_t read_page(int file, off_t at) {
    return pread(file, memory, page, at);
}
static ssize_t write_page(int file, off_t at) {
    return pwrite(file, memory, page, at);
}

static void pages(const char* path, unsigned count) {
    const int file = open_device(path, O_RDWR);
    counter = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(memory, 1, page);
    *counter = 0;
    const pid_t counts = fork();
    if (counts == 0) {
        while (true) {
            ++*counter;
        }
    }
    const uint64_t step = cost_of_step();
    say_cost("read", file, count, read_page, step);
    say_cost("written", file, count, write_page, step);
    CHECK(kill(counts, SIGKILL) == 0);
    CHECK(waitpid(counts, NULL, 0) == counts);
    close(file);
}

int main(int count, char** words) {
    const char* const what = count > 2 ? words[1] : "";
    random_state = count > 3 ? (uint32_t)atoi(words[3]) : 0;
    for (int at = 2; at < count && words[at][0] == '/'; at++) {
        swapoff(words[at]); /* what was given to the kernel for its pages is the test's now; it need not have been */
    }
    if (strcmp(what, "bytes") == 0 && count > 4) {
        bytes(words[2], (unsigned)atoi(words[4]));
    } else if (strcmp(what, "controls") == 0) {
        controls(words[2]);
    } else if (strcmp(what, "partitions") == 0) {
        partitions(words[2]);
    } else if (strcmp(what, "together") == 0 && count > 3) {
        together(words[2], words[3]);
    } else if (strcmp(what, "bad") == 0 && count > 3) {
        bad(words[2], atoi(words[3]));
    } else if (strcmp(what, "pages") == 0 && count > 3) {
        pages(words[2], (unsigned)atoi(words[3]));
    } else {
        puts("usage: disks bytes|controls|partitions|together|bad|pages DEVICE ... (see tests/disks/disks.c)");
        return 2;
    }
    printf("disks %s: %s\n", what, held ? "held" : "failed");
    return held ? 0 : 1;
}
