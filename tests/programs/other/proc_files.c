/* Do the files of /proc that programs read hold what they look for? */
#include "tests/programs/support/check.h"

static bool has(const char* path, const char* text) {
    static char contents[1 << 16];
    const int file = open(path, O_RDONLY);
    ssize_t used = 0, part;
    while (file >= 0 && (part = read(file, contents + used, sizeof contents - 1 - (size_t)used)) > 0) {
        used += part;
    }
    close(file);
    contents[used] = '\0';
    return strstr(contents, text) != NULL;
}

int main(void) {
    SHOW(has("/proc/meminfo", "MemTotal:"));
    SHOW(has("/proc/meminfo", "MemFree:"));
    SHOW(has("/proc/meminfo", "MemAvailable:"));
    SHOW(has("/proc/self/status", "VmSize:"));
    SHOW(has("/proc/self/status", "VmRSS:"));
    SHOW(has("/proc/vmstat", "pgfault"));
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/%d/status", getpid());
    snprintf(text, sizeof text, "Pid:\t%d\n", getpid());
    SHOW(has(path, text));
    snprintf(path, sizeof path, "/proc/%d/maps", getpid());
    SHOW(has(path, "[stack]"));
    TRY(open("/proc/1073741824/maps", O_RDONLY));
    char target[4096] = "", here[4096];
    SHOW(readlink("/proc/self/exe", target, sizeof target - 1) > 0);
    SHOW(realpath(self_path(), here) != NULL && strcmp(target, here) == 0);
    return 0;
}
