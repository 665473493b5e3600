// The text of a protection.
#include "kernel/memory/paging/protection.h"

namespace quire {

void print_to(Sink& sink, const Protection& protection) {
    print(sink, "{} {}", protection.writable ? "rw" : "r-", protection.user ? "user" : "kernel");
    if (protection.global) {
        print(sink, " global");
    }
    if (protection.write_through) {
        print(sink, " write-through");
    }
    if (protection.cache_disabled) {
        print(sink, " uncached");
    }
}

} // namespace quire
