// What may be done with a mapped page. It is a wish, independent of entries and tables; entry.h writes it into them.
// There is no "executable": two-level 32-bit entries have no such bit. As far as they go, whatever can be read can be
// executed; for programs the mirror of their code makes up for that (layout.h).
#pragma once

#include "kernel/lib/format.h"

namespace quire {

struct Protection {
    bool writable = false;
    bool user = false;   // reachable from ring 3
    bool global = false; // its translation outlives a CR3 load; kernel pages only
    bool write_through = false;
    bool cache_disabled = false;

    friend constexpr bool operator==(Protection, Protection) = default;
};

namespace protection {
inline constexpr Protection kernel_text{.global = true};
inline constexpr Protection kernel_rodata{.global = true};
inline constexpr Protection kernel_data{.writable = true, .global = true};
inline constexpr Protection device{.writable = true, .global = true, .cache_disabled = true};
inline constexpr Protection user_read_only{.user = true};
inline constexpr Protection user_data{.writable = true, .user = true};
} // namespace protection

// "rw kernel global uncached", "r- user".
void print_to(Sink& sink, const Protection& protection);

} // namespace quire
