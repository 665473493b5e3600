/* What the test programs share. A program asks a question about one call and prints facts: each line holds the text of
   an expression and what came of it, an errno by its name and a fault by its kind and its distance from a place the
   program knows. Nothing is printed that may differ between two Linux machines: no address, no process id, no time. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page = 4096 };

/* Where no program may reach: in the null guard, and above what i386 gives to userland. */
#define WILD ((void*)8)
#define HIGH ((void*)0xfffff000)

/* Prints one line, in one write. */
void say(const char* format, ...) __attribute__((format(printf, 1, 2)));

/* The name of an errno value or of a signal. */
const char* error_name(int error);
const char* signal_name(int number);

/* TRY prints `call` and what it returned: a number of 0 or more, or the errno's name. TRY_OK prints "ok" in place of a
   number that may differ, TRY_MAP tells "mapped" from an errno. SHOW prints an integer expression. The values of all
   are what the expressions gave. */
#define TRY(call) check_result(#call, (long)(call), true)
#define TRY_OK(call) check_result(#call, (long)(call), false)
#define TRY_MAP(call) check_mapping(#call, (call))
#define SHOW(value) check_value(#value, (long)(value))
long check_result(const char* text, long result, bool show_number);
void* check_mapping(const char* text, void* result);
long check_value(const char* text, long value);

/* Runs the statement and prints how it ended: without a fault, or with which signal, which code, and the fault's
   address as a distance from `base` (a fault more than 16 MiB from it is "elsewhere"). The program goes on behind it.
   Faults are taken on a stack of their own. */
#define FAULT(base, statement)                                                                                         \
    do {                                                                                                               \
        check_watch_faults(base);                                                                                      \
        if (sigsetjmp(check_after_fault, 1) == 0) {                                                                    \
            statement;                                                                                                 \
            check_no_fault(#statement);                                                                                \
        } else {                                                                                                       \
            check_fault(#statement);                                                                                   \
        }                                                                                                              \
    } while (0)
extern sigjmp_buf check_after_fault;
void check_watch_faults(const volatile void* base);
void check_no_fault(const char* text);
void check_fault(const char* text);

/* Runs the statement. A Linux that is older than major.minor does not, and says what one of that version printed. Quire
   calls itself 6.1 and does here what the newer one does. */
#define SINCE(major, minor, statement, known)                                                                          \
    do {                                                                                                               \
        if (is_linux_before(major, minor)) {                                                                           \
            say("%s", known);                                                                                          \
        } else {                                                                                                       \
            statement;                                                                                                 \
        }                                                                                                              \
    } while (0)
bool is_linux_before(int major, int minor);

/* Forks; true in the child, which is to end by itself (a program may also leave by `return`). */
bool in_child(void);
/* Waits for the child that in_child() made last, and prints how it ended. */
void wait_child(void);
/* The same for any child, called `name` in what is printed. */
void wait_for(pid_t child, const char* name);

/* Maps `pages` of anonymous private memory, or ends the program. */
char* map_pages(size_t pages, int protection);
/* An open file of `bytes` bytes, in a file system that keeps files in memory, without a name any more. Its bytes say
   where they are: byte i is 'a' + i / page % 26. */
int open_file(size_t bytes);
/* True where all `bytes` from `start` are `value`. */
bool all_bytes(const void* start, size_t bytes, int value);

/* Replaces the process by this program again, started with `argument` (and `environment`, where it is not null). */
void exec_self(const char* argument, char* const environment[]);
/* The path this program was started by. */
const char* self_path(void);

/* What a mapping is in /proc/self/maps: "rw-p", say, or "none". */
const char* mapped_as(const volatile void* address);
/* How many mappings of /proc/self/maps lie wholly or partly in these bytes. */
int mappings_in(const volatile void* start, size_t bytes);

/* Milliseconds of CLOCK_MONOTONIC. */
long long now(void);
