/* Is what is written to /proc/sys/vm kept, and what is none refused? The settings are put back. */
#include "tests/programs/support/check.h"

static void try_set(const char* path, const char* value) {
    char now[32] = "";
    const int file = open(path, O_RDWR);
    pread(file, now, sizeof now - 1, 0);
    errno = 0;
    const ssize_t written = write(file, value, strlen(value));
    say("%s: %.*s: %s", strrchr(path, '/') + 1, (int)strcspn(value, "\n"), value,
        written < 0 ? error_name(errno) : "written");
    char text[32] = "";
    pread(file, text, sizeof text - 1, 0);
    if (written > 0) {
        say("now %.*s", (int)strcspn(text, "\n"), text);
    } else {
        SHOW(strcmp(now, text));
    }
    pwrite(file, now, strlen(now), 0);
    close(file);
}

int main(void) {
    const char* const values[] = {"70000\n", "65530", "2147483647", "2147483648", "-1", "x", "12x", ""};
    for (unsigned each = 0; each < sizeof values / sizeof *values; ++each) {
        try_set("/proc/sys/vm/max_map_count", values[each]);
    }
    try_set("/proc/sys/vm/overcommit_memory", "1\n");
    try_set("/proc/sys/vm/overcommit_memory", "3");
    const char* const readiness[] = {"0", "60\n", "200", "201", "-1", "x"};
    for (unsigned each = 0; each < sizeof readiness / sizeof *readiness; ++each) {
        try_set("/proc/sys/vm/swappiness", readiness[each]);
    }
    return 0;
}
