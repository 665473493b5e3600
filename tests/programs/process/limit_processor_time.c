/* Is a program told when it has used up its soft limit of processor time, each second, and ended at the hard one? */
#include "tests/programs/support/check.h"

static volatile int told;

static void handler(int number) {
    told = number;
}

static rlim_t soft_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_CPU, &limit);
    return limit.rlim_cur;
}

static void set(rlim_t soft, rlim_t hard) {
    TRY(setrlimit(RLIMIT_CPU, &(struct rlimit){soft, hard}));
}

static void spin(void) {
    while (told == 0) {
    }
}

/* A child has used nothing yet, but nothing is what it may use. False where the parent was told before it forked. */
static bool child_inherits_nothing(void) {
    enum { too_late = 7 };
    const pid_t child = fork();
    if (child == 0) {
        const rlim_t inherited = soft_limit();
        if (inherited != 0) {
            _exit(too_late);
        }
        SHOW(inherited);
        signal(SIGXCPU, SIG_DFL); /* not before that is said: its own tick may come at any time */
        spin();
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == too_late) {
        return false;
    }
    say("child: ended by %s", WIFSIGNALED(status) ? signal_name(WTERMSIG(status)) : "nothing");
    return true;
}

int main(void) {
    if (in_child()) {
        signal(SIGXCPU, handler);
        set(0, 3);
        spin(); /* at once */
        SHOW(told == SIGXCPU);
        SHOW(soft_limit());
        told = 0;
        spin();
        SHOW(soft_limit());
        set(1, 1);
        told = 0;
        spin();
        say("still there");
        _exit(0);
    }
    wait_child();
    if (in_child()) {
        set(0, 1);
        spin();
        _exit(0);
    }
    wait_child();
    if (in_child()) {
        signal(SIGXCPU, SIG_IGN); /* its own, with which it gets a second more */
        TRY(setrlimit(RLIMIT_CPU, &(struct rlimit){0, RLIM_INFINITY}));
        do {
            setrlimit(RLIMIT_CPU, &(struct rlimit){0, RLIM_INFINITY});
        } while (!child_inherits_nothing());
        _exit(0);
    }
    wait_child();
    set(2, 1);
    return 0;
}
