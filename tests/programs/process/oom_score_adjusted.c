/* Does /proc/self/oom_score_adj keep what is written, for children and through exec, and what does it refuse? */
#include "tests/programs/support/check.h"

static void put(const char* name, const char* text) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/%s", name);
    const int file = open(path, O_WRONLY);
    say("%s \"%s\"", name, text);
    TRY(write(file, text, strlen(text)));
    close(file);
}

static long get(const char* name) {
    char path[64], text[32] = "";
    snprintf(path, sizeof path, "/proc/self/%s", name);
    const int file = open(path, O_RDONLY);
    read(file, text, sizeof text - 1);
    close(file);
    return strtol(text, NULL, 10);
}

int main(int count, char** arguments) {
    (void)arguments;
    if (count > 1) {
        SHOW(get("oom_score_adj"));
        return 0;
    }
    put("oom_score_adj", "123");
    SHOW(get("oom_score_adj"));
    SHOW(get("oom_adj"));
    if (in_child()) {
        SHOW(get("oom_score_adj"));
        put("oom_score_adj", "0x20\n");
        SHOW(get("oom_score_adj"));
        exec_self("after", NULL);
    }
    wait_child();
    SHOW(get("oom_score_adj"));
    const char* const wrong[] = {"1001", "-1001", "x", "1 2", "-"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        put("oom_score_adj", wrong[i]);
    }
    SHOW(get("oom_score_adj"));
    put("oom_score_adj", "1000");
    SHOW(get("oom_score") > 1000);
    SHOW(get("oom_adj"));
    put("oom_score_adj", "0");
    put("oom_adj", "10");
    SHOW(get("oom_score_adj"));
    put("oom_adj", "15");
    SHOW(get("oom_score_adj"));
    put("oom_adj", "16");
    put("oom_adj", "-18");
    return 0;
}
