/* Do arguments and environment arrive as they were given, empty ones and long ones too? */
#include "tests/programs/support/check.h"

extern char** environ;

int main(int count, char** arguments) {
    if (count > 1 && strcmp(arguments[1], "show") == 0) {
        SHOW(count);
        for (int i = 0; environ[i] != NULL; ++i) {
            say("environment %d: %zu bytes, %.20s", i, strlen(environ[i]), environ[i]);
        }
        return 0;
    }
    char* const large = malloc(100001);
    memset(large, 'L', 100000);
    memcpy(large, "LARGE=", 6);
    large[100000] = '\0';
    char* const environment[] = {"ONE=1", "", "TWO=two words", large, NULL};
    if (in_child()) {
        exec_self("show", environment);
        return 1;
    }
    wait_child();
    if (in_child()) {
        exec_self("show", NULL);
        return 1;
    }
    wait_child();
    return 0;
}
