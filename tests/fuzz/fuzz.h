/* What the two fuzzers share: random numbers from a seed, and the page on which a worker tells its progress to the
   supervisor that starts one worker after another and ends those that make none. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* xorshift32; never 0. */
struct Random {
    uint32_t state;
};

static inline uint32_t next_random(struct Random* random) {
    random->state ^= random->state << 13;
    random->state ^= random->state >> 17;
    random->state ^= random->state << 5;
    return random->state;
}

/* A number below `limit`. */
static inline uint32_t below(struct Random* random, uint32_t limit) {
    return next_random(random) % limit;
}

/* On a page that supervisor and workers share. A worker can write anything to it, so nothing here is trusted. */
struct Progress {
    volatile uint32_t done; /* operations, by this worker and its children */
};

/* A worker does `budget` operations, or dies in the attempt. */
typedef void Worker(struct Random* random, struct Progress* progress, uint32_t budget);
Worker call_worker, touch_worker, code_worker;

/* Has `handler` called on a stack of its own for every signal that a fault can be told by. */
void take_faults(void handler(int));

/* Goes through the attacks of attack.c. True where none was let through. */
bool attack_everything(void);
