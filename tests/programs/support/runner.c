/* All test programs in one file, since a C library in each would make a hundred times the bytes. `programs NAME` is the
   program NAME; `programs --run [NAMES]` runs those named, or all, each in a process of its own, and puts the name of
   the program before every line that it prints, so that they can be told apart on a console; `--list` lists them. */
#include "tests/programs/support/check.h"

typedef int Main(int count, char** arguments);

#define PROGRAM(name) Main main_of_##name;
#include "programs.inc"
#undef PROGRAM

static const struct Program {
    const char* name;
    Main* main;
} programs[] = {
#define PROGRAM(name) {#name, main_of_##name},
#include "programs.inc"
#undef PROGRAM
};

enum { program_count = sizeof programs / sizeof *programs };
enum { most_seconds = 60 }; /* for one program, on the slowest emulator */

static const struct Program* running;
static volatile sig_atomic_t time_is_up;

void exec_self(const char* argument, char* const environment[]) {
    static char* const none[] = {NULL};
    char* const arguments[] = {"programs", (char*)running->name, (char*)argument, NULL};
    execve(self_path(), arguments, environment != NULL ? environment : none);
}

static void end_time(int number) {
    (void)number;
    time_is_up = 1;
}

/* Copies what comes through the pipe, line by line, each behind the program's name. */
static void copy_lines(int from, const char* name, pid_t group) {
    char line[2048];
    int used = snprintf(line, sizeof line, "%s| ", name);
    const int prefix = used;
    for (;;) {
        char part[512];
        const ssize_t bytes = read(from, part, sizeof part);
        if (bytes < 0 && errno == EINTR && time_is_up) {
            kill(-group, SIGKILL);
            continue;
        }
        if (bytes <= 0) {
            break;
        }
        for (ssize_t i = 0; i < bytes; ++i) {
            line[used++] = part[i];
            if (part[i] == '\n' || used == (int)sizeof line - 1) {
                if (write(1, line, (size_t)used) != used) {
                    return;
                }
                used = prefix;
            }
        }
    }
    if (used > prefix) {
        say("%.*s", used, line);
    }
}

/* What a program inherits and might print is the same everywhere. */
static void make_alike(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = 8 << 20;
    setrlimit(RLIMIT_STACK, &limit);
    umask(022);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < NSIG; ++number) {
        signal(number, SIG_DFL);
    }
}

static void run(const struct Program* program) {
    int ends[2];
    if (pipe(ends) != 0) {
        say("%s| pipe: %s", program->name, error_name(errno));
        return;
    }
    time_is_up = 0;
    const pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        make_alike();
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execl(self_path(), "programs", program->name, (char*)NULL);
        say("exec: %s", error_name(errno));
        _exit(127);
    }
    close(ends[1]);
    if (child < 0) {
        say("%s| fork: %s", program->name, error_name(errno));
        close(ends[0]);
        return;
    }
    setpgid(child, child);
    alarm(most_seconds);
    copy_lines(ends[0], program->name, child);
    close(ends[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        kill(-child, SIGKILL);
    }
    alarm(0);
    if (time_is_up) {
        say("%s| stopped after %d seconds", program->name, most_seconds);
    } else if (WIFSIGNALED(status)) {
        say("%s| ended by %s", program->name, signal_name(WTERMSIG(status)));
    } else {
        say("%s| ended with %d", program->name, WEXITSTATUS(status));
    }
}

static const struct Program* find(const char* name) {
    for (int i = 0; i < program_count; ++i) {
        if (strcmp(programs[i].name, name) == 0) {
            return &programs[i];
        }
    }
    return NULL;
}

static int run_all(int count, char** names) {
    struct sigaction action = {.sa_handler = end_time}; /* no SA_RESTART: read() is to come back */
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < (count != 0 ? count : program_count); ++i) {
        const struct Program* const program = count != 0 ? find(names[i]) : &programs[i];
        if (program == NULL) {
            say("no program is called %s", names[i]);
            return 64;
        }
        run(program);
    }
    return 0;
}

int main(int count, char** arguments) {
    if (count >= 2 && strcmp(arguments[1], "--list") == 0) {
        for (int i = 0; i < program_count; ++i) {
            say("%s", programs[i].name);
        }
        return 0;
    }
    if (count >= 2 && strcmp(arguments[1], "--run") == 0) {
        return run_all(count - 2, arguments + 2);
    }
    running = count >= 2 ? find(arguments[1]) : NULL;
    if (running == NULL) {
        say("usage: programs NAME | --run [NAMES] | --list");
        return 64;
    }
    return running->main(count - 1, arguments + 1);
}
