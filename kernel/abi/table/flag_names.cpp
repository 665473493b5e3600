// Tables of flags. See flag_names.h.
#include "kernel/abi/table/flag_names.h"

#include "kernel/abi/uapi.h"
#include "kernel/process/signals.h"

#include <array>
#include <span>

namespace quire::abi {

namespace {

// A value within the bits of `mask`: one flag, or one value of a field of several bits.
struct FlagName {
    std::uint32_t mask, value;
    const char* name;
};

#define QUIRE_FLAG(name)                                                                                               \
    { static_cast<std::uint32_t>(name), static_cast<std::uint32_t>(name), #name }
#define QUIRE_VALUE(mask, name)                                                                                        \
    { static_cast<std::uint32_t>(mask), static_cast<std::uint32_t>(name), #name }

constexpr std::uint32_t whole = ~std::uint32_t{0};

constexpr auto protections = std::to_array<FlagName>(
    {QUIRE_VALUE(whole, PROT_NONE), QUIRE_FLAG(PROT_READ), QUIRE_FLAG(PROT_WRITE), QUIRE_FLAG(PROT_EXEC),
     QUIRE_FLAG(PROT_SEM), QUIRE_FLAG(PROT_GROWSDOWN), QUIRE_FLAG(PROT_GROWSUP)});
constexpr auto map_flags = std::to_array<FlagName>(
    {QUIRE_VALUE(MAP_TYPE, MAP_SHARED), QUIRE_VALUE(MAP_TYPE, MAP_PRIVATE), QUIRE_VALUE(MAP_TYPE, MAP_SHARED_VALIDATE),
     QUIRE_FLAG(MAP_FIXED), QUIRE_FLAG(MAP_ANONYMOUS), QUIRE_FLAG(MAP_32BIT), QUIRE_FLAG(MAP_GROWSDOWN),
     QUIRE_FLAG(MAP_DENYWRITE), QUIRE_FLAG(MAP_EXECUTABLE), QUIRE_FLAG(MAP_LOCKED), QUIRE_FLAG(MAP_NORESERVE),
     QUIRE_FLAG(MAP_POPULATE), QUIRE_FLAG(MAP_NONBLOCK), QUIRE_FLAG(MAP_STACK), QUIRE_FLAG(MAP_HUGETLB),
     QUIRE_FLAG(MAP_FIXED_NOREPLACE)});
constexpr auto remap_flags =
    std::to_array<FlagName>({QUIRE_FLAG(MREMAP_MAYMOVE), QUIRE_FLAG(MREMAP_FIXED), QUIRE_FLAG(MREMAP_DONTUNMAP)});
constexpr auto sync_flags =
    std::to_array<FlagName>({QUIRE_FLAG(MS_ASYNC), QUIRE_FLAG(MS_INVALIDATE), QUIRE_FLAG(MS_SYNC)});
constexpr auto lock_flags =
    std::to_array<FlagName>({QUIRE_FLAG(MCL_CURRENT), QUIRE_FLAG(MCL_FUTURE), QUIRE_FLAG(MCL_ONFAULT)});
constexpr auto advices =
    std::to_array<FlagName>({QUIRE_VALUE(whole, MADV_NORMAL),        QUIRE_VALUE(whole, MADV_RANDOM),
                             QUIRE_VALUE(whole, MADV_SEQUENTIAL),    QUIRE_VALUE(whole, MADV_WILLNEED),
                             QUIRE_VALUE(whole, MADV_DONTNEED),      QUIRE_VALUE(whole, MADV_FREE),
                             QUIRE_VALUE(whole, MADV_REMOVE),        QUIRE_VALUE(whole, MADV_DONTFORK),
                             QUIRE_VALUE(whole, MADV_DOFORK),        QUIRE_VALUE(whole, MADV_MERGEABLE),
                             QUIRE_VALUE(whole, MADV_UNMERGEABLE),   QUIRE_VALUE(whole, MADV_HUGEPAGE),
                             QUIRE_VALUE(whole, MADV_NOHUGEPAGE),    QUIRE_VALUE(whole, MADV_DONTDUMP),
                             QUIRE_VALUE(whole, MADV_DODUMP),        QUIRE_VALUE(whole, MADV_WIPEONFORK),
                             QUIRE_VALUE(whole, MADV_KEEPONFORK),    QUIRE_VALUE(whole, MADV_COLD),
                             QUIRE_VALUE(whole, MADV_PAGEOUT),       QUIRE_VALUE(whole, MADV_POPULATE_READ),
                             QUIRE_VALUE(whole, MADV_POPULATE_WRITE)});
constexpr auto open_flags = std::to_array<FlagName>(
    {QUIRE_VALUE(O_ACCMODE, O_RDONLY), QUIRE_VALUE(O_ACCMODE, O_WRONLY), QUIRE_VALUE(O_ACCMODE, O_RDWR),
     QUIRE_FLAG(O_CREAT), QUIRE_FLAG(O_EXCL), QUIRE_FLAG(O_NOCTTY), QUIRE_FLAG(O_TRUNC), QUIRE_FLAG(O_APPEND),
     QUIRE_FLAG(O_NONBLOCK), QUIRE_FLAG(O_SYNC), QUIRE_FLAG(O_DSYNC), QUIRE_FLAG(O_DIRECT), QUIRE_FLAG(O_LARGEFILE),
     QUIRE_FLAG(O_TMPFILE), QUIRE_FLAG(O_DIRECTORY), QUIRE_FLAG(O_NOFOLLOW), QUIRE_FLAG(O_NOATIME),
     QUIRE_FLAG(O_CLOEXEC), QUIRE_FLAG(O_PATH)});
constexpr auto clone_flags = std::to_array<FlagName>(
    {QUIRE_FLAG(CLONE_VM), QUIRE_FLAG(CLONE_FS), QUIRE_FLAG(CLONE_FILES), QUIRE_FLAG(CLONE_SIGHAND),
     QUIRE_FLAG(CLONE_VFORK), QUIRE_FLAG(CLONE_PARENT), QUIRE_FLAG(CLONE_THREAD), QUIRE_FLAG(CLONE_SYSVSEM),
     QUIRE_FLAG(CLONE_SETTLS), QUIRE_FLAG(CLONE_PARENT_SETTID), QUIRE_FLAG(CLONE_CHILD_CLEARTID),
     QUIRE_FLAG(CLONE_CHILD_SETTID)});

#undef QUIRE_FLAG
#undef QUIRE_VALUE

[[nodiscard]] std::span<const FlagName> names_for(ArgumentKind kind) {
    switch (kind) {
    case ArgumentKind::protection: return protections;
    case ArgumentKind::map_flags: return map_flags;
    case ArgumentKind::remap_flags: return remap_flags;
    case ArgumentKind::sync_flags: return sync_flags;
    case ArgumentKind::lock_flags: return lock_flags;
    case ArgumentKind::advice: return advices;
    case ArgumentKind::open_flags: return open_flags;
    case ArgumentKind::clone_flags: return clone_flags;
    default: return {};
    }
}

} // namespace

bool print_flags(Sink& sink, ArgumentKind kind, std::uint32_t flags) {
    const auto names = names_for(kind);
    if (names.empty()) {
        return false;
    }
    std::uint32_t left = flags;
    const char* separator = "";
    // The signal that a clone's low bits are is shown last.
    const std::uint32_t signal = kind == ArgumentKind::clone_flags ? flags & CSIGNAL : 0;
    left &= ~signal;
    for (const FlagName& each : names) {
        if ((flags & each.mask) == each.value && (left & each.value) == each.value) {
            print(sink, "{}{}", separator, each.name);
            separator = "|";
            left &= ~each.value;
        }
    }
    if (signal != 0) {
        print(sink, "{}{}", separator, signal_name(signal));
    } else if (left != 0) {
        print(sink, "{}{:#x}", separator, left);
    } else if (*separator == '\0') {
        print(sink, "0");
    }
    return true;
}

} // namespace quire::abi
