/* Fuzzers for the kernel from ring 3, and a list of attacks (`fuzz attack`: attack.c). `fuzz calls SEED COUNT` makes
   COUNT random system calls with hostile arguments in trees of processes; `fuzz touch SEED COUNT` reads and writes
   everywhere and runs what no program may; `fuzz code SEED COUNT` jumps everywhere and runs random bytes, which is safe
   only where nothing of value can be reached. Each ends: workers do a bounded number of operations, one that stands
   still is killed, and there are only so many. */
#include "tests/fuzz/fuzz.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { budget = 2000 }; /* operations of one worker */
enum { patience = 30 }; /* looks at a worker that makes no progress, a millisecond apart */
enum { page = 4096 };

void take_faults(void handler(int)) {
    static char stack[8 * page] __attribute__((aligned(16)));
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_ONSTACK | SA_NODEFER;
    static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
    for (unsigned i = 0; i < sizeof faults / sizeof *faults; ++i) {
        sigaction(faults[i], &action, NULL);
    }
}

/* What a worker may use up, in bytes. */
static void set_limits(void) {
    const struct rlimit space = {256 << 20, 256 << 20}, file = {4 << 20, 4 << 20}, core = {0, 0},
                        processes = {200, 200};
    setrlimit(RLIMIT_AS, &space);
    setrlimit(RLIMIT_FSIZE, &file);
    setrlimit(RLIMIT_CORE, &core);
    setrlimit(RLIMIT_NPROC, &processes);
}

/* Runs one worker and returns how many operations it and its children did, as far as it can be believed. */
static uint32_t run_worker(Worker* worker, uint32_t seed, struct Progress* progress) {
    progress->done = 0;
    const pid_t child = fork();
    if (child < 0) {
        return 0;
    }
    if (child == 0) {
        setpgid(0, 0);
        set_limits();
        struct Random random = {seed | 1};
        worker(&random, progress, budget);
        _exit(0);
    }
    setpgid(child, child);
    uint32_t last = 0;
    for (int idle = 0; waitpid(child, NULL, WNOHANG) == 0;) {
        const struct timespec millisecond = {0, 1000000};
        nanosleep(&millisecond, NULL);
        idle = progress->done == last ? idle + 1 : 0;
        last = progress->done;
        if (idle > patience) {
            kill(child, SIGKILL);
        }
    }
    kill(-child, SIGKILL); /* the children it left */
    return progress->done <= 4 * budget ? progress->done : 0;
}

int main(int count, char** arguments) {
    if (count == 2 && strcmp(arguments[1], "attack") == 0) {
        setvbuf(stdout, NULL, _IOLBF, 0);
        const bool held = attack_everything();
        printf("fuzz attack: %s\n", held ? "all held" : "something gave way");
        return held ? 0 : 1;
    }
    Worker* worker = NULL;
    if (count == 4) {
        worker = strcmp(arguments[1], "calls") == 0   ? call_worker
                 : strcmp(arguments[1], "touch") == 0 ? touch_worker
                 : strcmp(arguments[1], "code") == 0  ? code_worker
                                                      : NULL;
    }
    const uint32_t wanted = worker != NULL ? (uint32_t)strtoul(arguments[3], NULL, 0) : 0;
    if (wanted == 0) {
        fputs("usage: fuzz calls|touch|code SEED COUNT, or fuzz attack\n", stderr);
        return 64;
    }
    struct Progress* const progress = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED) {
        perror("fuzz");
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct Random seeds = {(uint32_t)strtoul(arguments[2], NULL, 0) | 1};
    printf("fuzz %s: seed %s, %u operations\n", arguments[1], arguments[2], wanted);
    uint32_t done = 0, workers = 0, told = 0;
    const uint32_t most_workers = wanted / 20 + 100;
    while (done < wanted && workers < most_workers) {
        done += run_worker(worker, next_random(&seeds), progress);
        ++workers;
        if (done / (wanted / 10 + 1) > told) {
            told = done / (wanted / 10 + 1);
            printf("fuzz %s: %u operations by %u workers\n", arguments[1], done, workers);
        }
    }
    printf("fuzz %s: %s\n", arguments[1], done >= wanted ? "all done" : "too many workers died at once");
    return done >= wanted ? 0 : 1;
}
