/* Do the links of /proc/self/fd and map_files tell how a file is open, and lead to it? And what else do programs read
   there? */
#include "tests/programs/support/check.h"

#include <dirent.h>
#include <sys/personality.h>

static char text[4096];

static const char* contents(const char* path) {
    const int file = open(path, O_RDONLY);
    const ssize_t bytes = read(file, text, sizeof text - 1);
    text[bytes > 0 ? bytes : 0] = '\0';
    close(file);
    return text;
}

static void show_link(const char* what, int file) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    struct stat status;
    lstat(path, &status);
    say("%s: mode %o size %ld", what, status.st_mode, (long)status.st_size);
}

static void show_mode(const char* path) {
    struct stat status;
    say("%s: %o", path, lstat(path, &status) == 0 ? status.st_mode : 0);
}

/* Every link of map_files has the name of two addresses, a mode that tells what is mapped, and leads to the file. */
static void mapped_files(void) {
    const int file = memfd_create("mapped", 0);
    ftruncate(file, 3 * page);
    char* const at = mmap(NULL, 2 * page, PROT_READ, MAP_SHARED, file, page);
    char path[80], target[80];
    snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", (unsigned long)at, (unsigned long)at + 2 * page);
    struct stat status;
    TRY(lstat(path, &status));
    say("mode %o size %ld", status.st_mode, (long)status.st_size);
    const ssize_t bytes = readlink(path, target, sizeof target - 1);
    target[bytes > 0 ? bytes : 0] = '\0';
    say("to %s", target);
    mprotect(at, page, PROT_READ | PROT_WRITE);
    TRY(lstat(path, &status));
    snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", (unsigned long)at, (unsigned long)at + page);
    TRY(lstat(path, &status));
    say("mode %o", status.st_mode);
    TRY(lstat("/proc/self/map_files/1000-2000", &status));
    TRY(lstat("/proc/self/map_files/x", &status));
    int links = 0, unlike = 0;
    DIR* const directory = opendir("/proc/self/map_files");
    for (struct dirent* entry; (entry = readdir(directory)) != NULL;) {
        unsigned long start, end;
        links += entry->d_type == DT_LNK;
        unlike += entry->d_type == DT_LNK && sscanf(entry->d_name, "%lx-%lx", &start, &end) != 2;
    }
    closedir(directory);
    SHOW(links >= 3);
    SHOW(unlike);
}

/* When a file was read last: mapping it counts, and not where O_NOATIME was said. */
static void access_times(void) {
    const int file = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    const int quiet = open(path, O_RDONLY | O_NOATIME);
    write(file, text, page);
    for (int each = 0; each < 3; ++each) {
        const struct timespec times[2] = {{1000000, 0}, {2000000, 0}};
        futimens(file, times);
        char byte;
        each == 0   ? (void)mmap(NULL, page, PROT_READ, MAP_SHARED, file, 0)
        : each == 1 ? (void)mmap(NULL, page, PROT_READ, MAP_SHARED, quiet, 0)
                    : (void)pread(quiet, &byte, 1, 0);
        struct stat status;
        fstat(file, &status);
        say("case %d: read later: %d", each, status.st_atime != 1000000);
    }
}

int main(void) {
    show_link("reading", open("/dev/null", O_RDONLY));
    show_link("writing", open("/dev/null", O_WRONLY));
    show_link("both", open("/dev/null", O_RDWR));
    show_link("a path", open("/dev/null", O_PATH));
    const char* const names[] = {"fd",   "map_files", "mountinfo", "wchan", "syscall", "personality",
                                 "maps", "environ",   "comm",      "exe",   "task",    "pagemap"};
    for (unsigned each = 0; each < sizeof names / sizeof *names; ++each) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/%s", names[each]);
        show_mode(path);
    }
    mapped_files();
    access_times();
    say("personality %s", contents("/proc/self/personality"));
    personality(ADDR_NO_RANDOMIZE);
    say("personality %s", contents("/proc/self/personality"));
    say("wchan %s", contents("/proc/self/wchan"));
    long call = 0;
    unsigned long first = 0, second = 0, third = 0;
    SHOW(sscanf(contents("/proc/self/syscall"), "%ld 0x%lx 0x%lx 0x%lx", &call, &first, &second, &third));
    SHOW(call == SYS_read);
    SHOW(second == (unsigned long)text);
    SHOW(third == sizeof text - 1);
    const pid_t child = fork();
    if (child == 0) {
        for (;;) {
            pause();
        }
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/syscall", (int)child);
    while (strncmp(contents(path), "29 ", 3) != 0) {
        usleep(1000);
    }
    kill(child, SIGKILL);
    wait_for(child, "pausing");
    /* Each line of mountinfo is a number, its parent's, a device, a root, a place, …, " - ", a type. */
    int roots = 0, odd = 0;
    for (char* line = strtok((char*)contents("/proc/self/mountinfo"), "\n"); line != NULL; line = strtok(NULL, "\n")) {
        unsigned id, parent, major, minor;
        char root[200], place[200];
        odd += sscanf(line, "%u %u %u:%u %199s %199s", &id, &parent, &major, &minor, root, place) != 6 ||
               strstr(line, " - ") == NULL || id == parent;
        roots += strcmp(place, "/") == 0;
    }
    SHOW(roots);
    SHOW(odd);
    say("tainted %s", strlen(contents("/proc/sys/kernel/tainted")) >= 2 ? "told" : "not told");
    say("%s", contents("/proc/sys/fs/pipe-user-pages-soft"));
    SHOW(atol(contents("/proc/sys/vm/mmap_min_addr")) >= page);
    SHOW(strlen(contents("/proc/sys/kernel/core_pattern")) > 1);
    return 0;
}
