/* What the parts of the program share that takes all memory there is (stress.c says what each is asked). */
#ifndef QUIRE_STRESS_H
#define QUIRE_STRESS_H

#include <stdbool.h>
#include <stddef.h>

enum { page = 4096 };

/* A number of /proc/meminfo, in pages. */
size_t stress_memory_pages(const char* name);

/* sides.c. True if nothing was wrong. */
bool stress_sides(unsigned seed, unsigned steps);

/* clones.c. True if every process ended as it should and all were found. */
bool stress_clones(void);

#endif
