/* Is a list of arguments that would fill the stack refused, and the program still there? */
#include "tests/programs/support/check.h"

int main(void) {
    enum { each = 100000, count = 40 };
    char* const text = malloc(each);
    memset(text, 'x', each - 1);
    text[each - 1] = '\0';
    static char* arguments[count + 2];
    for (int i = 0; i < count; ++i) {
        arguments[i] = text;
    }
    TRY(execve(self_path(), arguments, NULL));
    return 0;
}
