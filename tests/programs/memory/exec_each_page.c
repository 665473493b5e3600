/* Is the right to execute kept for each page by itself: when it is given, taken, split, inherited and mapped anew? */
#include "tests/programs/support/check.h"

enum { pages = 8 };

static const unsigned char return_number[] = {0xb8, 0, 0, 0, 0, 0xc3}; /* mov eax, NUMBER; ret */
static unsigned char in_data[] = {0xb8, 7, 0, 0, 0, 0xc3};
static unsigned char in_bss[16];
static const unsigned char in_constants[] = {0xb8, 8, 0, 0, 0, 0xc3};

static void put_code(char* at, char number) {
    memcpy(at, return_number, sizeof return_number);
    at[1] = number;
}

static int call(const volatile void* at) {
    return ((int (*)(void))(uintptr_t)at)();
}

static void call_all(const char* code) {
    for (int each = 0; each < pages; ++each) {
        FAULT(code, SHOW(call(code + each * page)));
    }
}

int main(void) {
    char* const code = map_pages(pages, PROT_READ | PROT_WRITE);
    for (int each = 0; each < pages; ++each) {
        put_code(code + each * page, (char)each);
    }
    call_all(code);
    for (int each = 0; each < pages; each += 2) {
        TRY(mprotect(code + each * page, page, PROT_READ | PROT_EXEC));
    }
    call_all(code);

    /* An instruction whose end lies in a page that may not be executed. */
    TRY(mprotect(code, page, PROT_READ | PROT_WRITE | PROT_EXEC));
    put_code(code + page - 3, 9);
    FAULT(code, call(code + page - 3));
    TRY(mprotect(code + page, page, PROT_READ | PROT_WRITE | PROT_EXEC));
    memcpy(code + page, return_number + 3, 3);
    FAULT(code, SHOW(call(code + page - 3)));

    /* Taken again, after it was used. */
    TRY(mprotect(code, 2 * page, PROT_READ | PROT_WRITE));
    call_all(code);

    /* A child has the parent's rights, and what it changes is its own. */
    if (in_child()) {
        FAULT(code, SHOW(call(code + 2 * page)));
        FAULT(code, call(code + 3 * page));
        TRY(mprotect(code + 2 * page, page, PROT_READ | PROT_WRITE));
        TRY(mprotect(code + 3 * page, page, PROT_READ | PROT_EXEC));
        FAULT(code, call(code + 2 * page));
        FAULT(code, SHOW(call(code + 3 * page)));
        return 0;
    }
    wait_child();
    FAULT(code, SHOW(call(code + 2 * page)));
    FAULT(code, call(code + 3 * page));
    TRY(munmap(code + 2 * page, page));
    FAULT(code, call(code + 2 * page));

    /* Everything that is data. */
    unsigned char on_stack[sizeof return_number];
    memcpy(on_stack, return_number, sizeof return_number);
    memcpy(in_bss, return_number, sizeof return_number);
    char* const on_heap = malloc(64);
    put_code(on_heap, 3);
    FAULT(on_stack, call(on_stack));
    FAULT(in_data, call(in_data));
    FAULT(in_bss, call(in_bss));
    FAULT(on_heap, call(on_heap));
    FAULT(in_constants, call(in_constants));

    /* A file's pages, by one mapping and not by another. */
    const int file = open_file(page);
    TRY_OK(pwrite(file, return_number, sizeof return_number, 0));
    char* const shared = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    char* const executable = mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
    FAULT(executable, SHOW(call(executable)));
    FAULT(shared, call(shared));
    shared[1] = 6;
    FAULT(executable, SHOW(call(executable)));
    return 0;
}
