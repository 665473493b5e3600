/* An order in which a program touches pages that no read-ahead foresees: the same on each machine. */
#pragma once

/* Puts 0 … count - 1 into `order`, by chance (Fisher and Yates; the C standard's own example of a generator). */
static void shuffle(unsigned* order, unsigned count) {
    unsigned seed = 1;
    for (unsigned at = 0; at < count; ++at) {
        order[at] = at;
    }
    for (unsigned at = count - 1; at > 0; --at) {
        seed = seed * 1103515245 + 12345;
        const unsigned other = (seed >> 8) % (at + 1), kept = order[at];
        order[at] = order[other];
        order[other] = kept;
    }
}
