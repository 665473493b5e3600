/* Which interrupted calls go on by themselves under SA_RESTART, and which end with EINTR? */
#include "tests/programs/support/check.h"

#include <poll.h>
#include <sys/time.h>
#include <time.h>

static int ends[2];
static volatile sig_atomic_t count;
static volatile bool answering;

static void handler(int number) {
    (void)number;
    if (++count >= 2 && answering) {
        answering = false;
        write(ends[1], "x", 1);
    }
}

static void start(int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(SIGALRM, &action, NULL);
    count = 0;
    const struct itimerval twice = {.it_value = {.tv_usec = 10000}, .it_interval = {.tv_usec = 10000}};
    setitimer(ITIMER_REAL, &twice, NULL);
}

static void stop(void) {
    const struct itimerval never = {0};
    setitimer(ITIMER_REAL, &never, NULL);
}

int main(void) {
    char byte;
    TRY(pipe(ends));
    answering = true;
    start(SA_RESTART);
    TRY(read(ends[0], &byte, 1));
    stop();
    start(0);
    TRY(read(ends[0], &byte, 1));
    stop();
    struct pollfd wanted = {.fd = ends[0], .events = POLLIN};
    start(SA_RESTART);
    TRY(poll(&wanted, 1, 5000));
    stop();
    start(SA_RESTART);
    const struct timespec long_time = {5, 0};
    struct timespec left;
    TRY(nanosleep(&long_time, &left));
    SHOW(left.tv_sec < 5);
    stop();
    const pid_t child = fork();
    if (child == 0) {
        usleep(50000);
        _exit(1);
    }
    start(SA_RESTART);
    int status;
    SHOW(waitpid(child, &status, 0) == child);
    stop();
    return 0;
}
