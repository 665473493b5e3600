/* Does set_thread_area give a segment whose base is the program's, inherited by a child, and refuse nonsense? */
#include "tests/programs/support/check.h"

#include <asm/ldt.h>

static int word = 1234;

static int through_segment(int selector) {
    int value;
    __asm__ volatile("push %%fs\n\tmov %1, %%fs\n\tmov %%fs:0, %0\n\tpop %%fs" : "=&r"(value) : "r"(selector));
    return value;
}

int main(void) {
    struct user_desc segment = {.entry_number = -1U,
                                .base_addr = (unsigned)&word,
                                .limit = 0xfffff,
                                .seg_32bit = 1,
                                .limit_in_pages = 1,
                                .useable = 1};
    TRY(syscall(SYS_set_thread_area, &segment));
    const int selector = (int)segment.entry_number * 8 + 3;
    SHOW(segment.entry_number != -1U);
    SHOW(through_segment(selector));
    if (in_child()) {
        word = 77;
        SHOW(through_segment(selector));
        return 0;
    }
    wait_child();
    struct user_desc told = {.entry_number = segment.entry_number};
    TRY(syscall(SYS_get_thread_area, &told));
    SHOW(told.base_addr == (unsigned)&word);
    told.entry_number = 1;
    TRY(syscall(SYS_set_thread_area, &told));
    TRY(syscall(SYS_get_thread_area, &told));
    return 0;
}
