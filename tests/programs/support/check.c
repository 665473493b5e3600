#include "tests/programs/support/check.h"

#include <stdarg.h>
#include <sys/auxv.h>
#include <sys/utsname.h>
#include <time.h>

sigjmp_buf check_after_fault;

static struct {
    uintptr_t base;
    int signal, code;
    uintptr_t address;
    volatile bool expected;
} fault;

static pid_t last_child;

void say(const char* format, ...) {
    char line[1024];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(line, sizeof line - 1, format, values);
    va_end(values);
    if (length > (int)sizeof line - 2) {
        length = sizeof line - 2;
    }
    line[length++] = '\n';
    if (write(1, line, (size_t)length) != length) {
        _exit(99);
    }
}

const char* error_name(int error) {
    static const struct {
        int number;
        const char* name;
    } names[] = {
#define NAME(error) {error, #error}
        NAME(EPERM),  NAME(ENOENT),    NAME(ESRCH),   NAME(EINTR),     NAME(EIO),        NAME(ENXIO),
        NAME(E2BIG),  NAME(ENOEXEC),   NAME(EBADF),   NAME(ECHILD),    NAME(EAGAIN),     NAME(ENOMEM),
        NAME(EACCES), NAME(EFAULT),    NAME(ENOTBLK), NAME(EBUSY),     NAME(EEXIST),     NAME(EXDEV),
        NAME(ENODEV), NAME(ENOTDIR),   NAME(EISDIR),  NAME(EINVAL),    NAME(ENFILE),     NAME(EMFILE),
        NAME(ENOTTY), NAME(ETXTBSY),   NAME(EFBIG),   NAME(ENOSPC),    NAME(ESPIPE),     NAME(EROFS),
        NAME(EMLINK), NAME(EPIPE),     NAME(EDOM),    NAME(ERANGE),    NAME(EDEADLK),    NAME(ENAMETOOLONG),
        NAME(ENOSYS), NAME(ENOTEMPTY), NAME(ELOOP),   NAME(EOVERFLOW), NAME(EOPNOTSUPP), NAME(ETIMEDOUT),
#undef NAME
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        if (names[i].number == error) {
            return names[i].name;
        }
    }
    static char other[24];
    snprintf(other, sizeof other, "errno %d", error);
    return other;
}

const char* signal_name(int number) {
    static const char* const names[] = {
        "no signal", "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",
        "SIGFPE",    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM",
        "SIGSTKFLT", "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",
        "SIGXCPU",   "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS"};
    if (number >= 0 && number < (int)(sizeof names / sizeof *names)) {
        return names[number];
    }
    static char other[24];
    snprintf(other, sizeof other, "signal %d", number);
    return other;
}

long check_result(const char* text, long result, bool show_number) {
    const int error = errno;
    if (result == -1) {
        say("%s: %s", text, error_name(error));
    } else if (show_number) {
        say("%s: %ld", text, result);
    } else {
        say("%s: ok", text);
    }
    errno = error;
    return result;
}

void* check_mapping(const char* text, void* result) {
    const int error = errno;
    say("%s: %s", text, result == MAP_FAILED ? error_name(error) : "mapped");
    return result;
}

long check_value(const char* text, long value) {
    say("%s: %ld", text, value);
    return value;
}

static void remember_fault(int number, siginfo_t* information, void* context) {
    (void)context;
    if (!fault.expected) {
        signal(number, SIG_DFL); /* it comes again, and ends the program */
        return;
    }
    fault.expected = false;
    fault.signal = number;
    fault.code = information->si_code;
    fault.address = (uintptr_t)information->si_addr;
    siglongjmp(check_after_fault, 1);
}

void check_watch_faults(const volatile void* base) {
    static char stack[4 * 4096] __attribute__((aligned(16)));
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_sigaction = remember_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; ++i) {
        sigaction(faults[i], &action, NULL);
    }
    fault.base = (uintptr_t)base;
    fault.expected = true;
}

void check_no_fault(const char* text) {
    fault.expected = false;
    say("%s: no fault", text);
}

static const char* code_name(int number, int code) {
    if (code <= 0) {
        return "sent";
    }
    if (number == SIGSEGV) {
        return code == SEGV_MAPERR ? "MAPERR" : code == SEGV_ACCERR ? "ACCERR" : "other code";
    }
    if (number == SIGBUS) {
        return code == BUS_ADRERR ? "ADRERR" : code == BUS_ADRALN ? "ADRALN" : "other code";
    }
    if (number == SIGFPE) {
        return code == FPE_INTDIV ? "INTDIV" : "other code";
    }
    return code > 0 && code < SI_KERNEL ? "own code" : "from the kernel";
}

void check_fault(const char* text) {
    const long distance = (long)(fault.address - fault.base);
    if (distance > -(16 << 20) && distance < 16 << 20) {
        say("%s: %s %s at %+ld", text, signal_name(fault.signal), code_name(fault.signal, fault.code), distance);
    } else {
        say("%s: %s %s elsewhere", text, signal_name(fault.signal), code_name(fault.signal, fault.code));
    }
}

bool is_linux_before(int major, int minor) {
    struct utsname names;
    int here = 0, here_minor = 0;
    uname(&names);
    sscanf(names.release, "%d.%d", &here, &here_minor);
    return strstr(names.release, "quire") == NULL && (here < major || (here == major && here_minor < minor));
}

bool in_child(void) {
    last_child = fork();
    if (last_child < 0) {
        say("fork: %s", error_name(errno));
        exit(1);
    }
    return last_child == 0;
}

void wait_child(void) {
    wait_for(last_child, "child");
}

void wait_for(pid_t child, const char* name) {
    int status = 0;
    pid_t waited;
    do {
        waited = waitpid(child, &status, 0);
    } while (waited < 0 && errno == EINTR);
    if (waited < 0) {
        say("%s: waitpid %s", name, error_name(errno));
    } else if (WIFEXITED(status)) {
        say("%s: exited with %d", name, WEXITSTATUS(status));
    } else if (WIFSIGNALED(status)) {
        say("%s: killed by %s", name, signal_name(WTERMSIG(status)));
    } else {
        say("%s: status %#x", name, (unsigned)status);
    }
}

char* map_pages(size_t pages, int protection) {
    char* const start = mmap(NULL, pages * page, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) {
        say("no memory for the test itself: %s", error_name(errno));
        exit(1);
    }
    return start;
}

int open_file(size_t bytes) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/quire-test-%d", getpid());
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 || unlink(path) != 0) {
        say("no file for the test itself: %s", error_name(errno));
        exit(1);
    }
    for (size_t at = 0; at < bytes;) {
        char buffer[page];
        memset(buffer, 'a' + (int)(at / page % 26), sizeof buffer);
        const size_t part = bytes - at < page ? bytes - at : page;
        if (write(file, buffer, part) != (ssize_t)part) {
            say("no room for the test's own file: %s", error_name(errno));
            exit(1);
        }
        at += part;
    }
    lseek(file, 0, SEEK_SET);
    return file;
}

bool all_bytes(const void* start, size_t bytes, int value) {
    const unsigned char* const at = start;
    for (size_t i = 0; i < bytes; ++i) {
        if (at[i] != (unsigned char)value) {
            return false;
        }
    }
    return true;
}

const char* mapped_as(const volatile void* address) {
    static char kind[8];
    FILE* const maps = fopen("/proc/self/maps", "re");
    char line[512];
    strcpy(kind, "none");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        unsigned long first, end;
        char flags[8];
        if (sscanf(line, "%lx-%lx %7s", &first, &end, flags) == 3 && (uintptr_t)address >= first &&
            (uintptr_t)address < end) {
            strcpy(kind, flags);
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return kind;
}

int mappings_in(const volatile void* start, size_t bytes) {
    FILE* const maps = fopen("/proc/self/maps", "re");
    char line[512];
    int count = 0;
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        unsigned long first, end;
        if (sscanf(line, "%lx-%lx", &first, &end) == 2 && first < (uintptr_t)start + bytes && end > (uintptr_t)start) {
            ++count;
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return count;
}

long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

const char* self_path(void) {
    return (const char*)getauxval(AT_EXECFN);
}
