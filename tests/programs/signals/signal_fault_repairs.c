/* May a handler repair what faulted, so that the access is made again and succeeds? */
#include "tests/programs/support/check.h"

static char* volatile area;
static volatile int faults;
static volatile long distance;

static void handler(int number, siginfo_t* information, void* context) {
    (void)number;
    (void)context;
    ++faults;
    distance = (char*)information->si_addr - area;
    mprotect((char*)((uintptr_t)information->si_addr & -(uintptr_t)page), page, PROT_READ | PROT_WRITE);
}

int main(void) {
    area = map_pages(4, PROT_NONE);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    *(volatile char*)(area + 100) = 'x';
    SHOW(distance);
    *(volatile int*)(area + 2 * page - 2) = 0x64636261; /* across two pages: two faults */
    SHOW(faults);
    SHOW(area[100]);
    SHOW(area[2 * page]);
    return 0;
}
