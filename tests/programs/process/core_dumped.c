/* Which endings tell of a core dump, and when? */
#include "tests/programs/support/check.h"

#include <sys/prctl.h>

static void end_by(int number, rlim_t most, int dumpable) {
    const pid_t child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){most, most});
        prctl(PR_SET_DUMPABLE, dumpable);
        raise(number);
        _exit(0);
    }
    siginfo_t info;
    memset(&info, 0, sizeof info);
    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
    int status = 0;
    waitpid(child, &status, 0);
    say("%s, limit %s, dumpable %d", signal_name(number), most == 0 ? "0" : "more", dumpable);
    SHOW(WCOREDUMP(status) != 0);
    SHOW(info.si_code);
}

int main(void) {
    char directory[64];
    snprintf(directory, sizeof directory, "/tmp/quire-core-%d", getpid());
    mkdir(directory, 0700);
    chdir(directory);
    const int signals[] = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGFPE,  SIGSEGV, SIGBUS,
                           SIGXCPU, SIGXFSZ, SIGSYS,  SIGTERM, SIGKILL, SIGUSR1};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; ++i) {
        end_by(signals[i], 0, 1);
    }
    end_by(SIGQUIT, 4095, 1);
    end_by(SIGQUIT, 1 << 24, 1);
    end_by(SIGSEGV, 1 << 24, 1);
    end_by(SIGTERM, 1 << 24, 1);
    end_by(SIGSEGV, 1 << 24, 0);
    unlink("core");
    chdir("/");
    rmdir(directory);
    return 0;
}
