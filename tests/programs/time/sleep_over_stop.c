/* Does a sleep, or a wait for files, that SIGSTOP and SIGCONT come into go on for what is left of its time? */
#include "tests/programs/support/check.h"

#include <poll.h>
#include <time.h>

enum { milliseconds = 300 };

static volatile sig_atomic_t handled;

static void handler(int number) {
    handled = number;
}

/* Stops and continues the child in the middle of what it does, then lets it tell. */
static void disturb(const char* name, bool (*act)(void), int then) {
    say("%s", name);
    const long long start = now();
    int told[2];
    pipe(told);
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGUSR1, handler);
        write(told[1], "", 1);
        const bool whole = act();
        SHOW(whole);
        const long long passed = now() - start;
        SHOW(passed >= milliseconds);
        SHOW(passed < 2 * milliseconds);
        SHOW(handled);
        _exit(0);
    }
    char byte;
    read(told[0], &byte, 1);
    usleep(100000);
    int status;
    for (int i = 0; i < 2; ++i) {
        kill(child, SIGSTOP);
        waitpid(child, &status, WUNTRACED);
        usleep(20000);
        kill(child, SIGCONT);
    }
    if (then != 0) {
        kill(child, then);
    }
    wait_for(child, "child");
    close(told[0]);
    close(told[1]);
}

static bool sleeps(void) {
    struct timespec time = {0, milliseconds * 1000000};
    return TRY(nanosleep(&time, &time)) == 0;
}

static bool sleeps_by_clock(void) {
    const struct timespec time = {0, milliseconds * 1000000};
    return TRY(clock_nanosleep(CLOCK_REALTIME, 0, &time, NULL)) == 0;
}

static bool sleeps_until(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_nsec += milliseconds * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return TRY(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL)) == 0;
}

static bool polls(void) {
    int ends[2];
    pipe(ends);
    struct pollfd file = {.fd = ends[0], .events = POLLIN};
    return TRY(poll(&file, 1, milliseconds)) == 0;
}

static bool is_cut_short(void) {
    struct timespec left = {0, 0};
    const struct timespec time = {100, 0};
    TRY(nanosleep(&time, &left));
    SHOW(left.tv_sec == 99);
    usleep(milliseconds * 1000);
    return true;
}

int main(void) {
    disturb("nanosleep", sleeps, 0);
    disturb("clock_nanosleep", sleeps_by_clock, 0);
    disturb("clock_nanosleep until", sleeps_until, 0);
    disturb("poll", polls, 0);
    disturb("nanosleep and a handler", is_cut_short, SIGUSR1);
    TRY(syscall(SYS_restart_syscall));
    return 0;
}
