// Checks that an address is the program's, lifts SMAP, and lets user_memory.asm touch it.
#include "kernel/machine/user_memory.h"

#include "arch/x86/cpu/hardware.h"
#include "kernel/machine/user.h"

extern "C" {
// user_memory.asm
std::size_t copy_user_bytes(void* to, const void* from, std::size_t bytes);
std::size_t zero_user_bytes(void* to, std::size_t bytes);
std::size_t count_user_text(const void* text, std::size_t most);
bool copy_user_word(void* to, const void* from);
bool exchange_user_word(void* at, std::uint32_t* expected, std::uint32_t desired);
}

namespace quire::machine {

namespace {

// SMAP is lifted while one of these lives. Where there is none, STAC would be an invalid opcode.
class UserAccess {
public:
    UserAccess() : smap_(cpu_local->hardware->features.smap) {
        if (smap_) {
            asm volatile("stac" : : : "memory");
        }
    }
    ~UserAccess() {
        if (smap_) {
            asm volatile("clac" : : : "memory");
        }
    }
    UserAccess(const UserAccess&) = delete;
    UserAccess& operator=(const UserAccess&) = delete;

private:
    bool smap_;
};

bool lies_below(VirtAddr end, VirtAddr start, std::size_t bytes) {
    return bytes <= end.value() && start.value() <= end.value() - bytes;
}

// Whether the access may be made at once: it is in user space, and nobody is to be told of it.
[[gnu::always_inline]] inline bool may_access(VirtAddr start, std::size_t bytes) {
    return lies_below(cpu_local->copies_untold_below, start, bytes);
}

// The answer to an access that may not: `refusal` outside of user space, else what access() gives once the watcher has
// been told.
template <class Answer, class Access>
[[gnu::noinline]] Answer tell_first(VirtAddr start, std::size_t bytes, Answer refusal, Access access) {
    CopyWatcher* const watcher = cpu_local->copy_watcher;
    if (watcher == nullptr || !lies_below(user_end, start, bytes)) {
        return refusal;
    }
    watcher->before_copy(start, bytes);
    watch_copies(nullptr);
    const Answer answer = access();
    watch_copies(watcher);
    return answer;
}

void* pointer(VirtAddr address) {
    return reinterpret_cast<void*>(address.value());
}

} // namespace

void watch_copies(CopyWatcher* watcher) {
    cpu_local->copy_watcher = watcher;
    cpu_local->copies_untold_below = watcher == nullptr ? user_end : VirtAddr(0);
}

std::size_t copy_from_user(void* to, VirtAddr from, std::size_t bytes) {
    if (!may_access(from, bytes)) [[unlikely]] {
        return tell_first(from, bytes, bytes, [=] { return copy_from_user(to, from, bytes); });
    }
    const UserAccess access;
    return copy_user_bytes(to, pointer(from), bytes);
}

std::size_t copy_to_user(VirtAddr to, const void* from, std::size_t bytes) {
    if (!may_access(to, bytes)) [[unlikely]] {
        return tell_first(to, bytes, bytes, [=] { return copy_to_user(to, from, bytes); });
    }
    const UserAccess access;
    return copy_user_bytes(pointer(to), from, bytes);
}

std::size_t zero_user(VirtAddr to, std::size_t bytes) {
    if (!may_access(to, bytes)) [[unlikely]] {
        return tell_first(to, bytes, bytes, [=] { return zero_user(to, bytes); });
    }
    const UserAccess access;
    return zero_user_bytes(pointer(to), bytes);
}

// A text may end right below the end of user space: what lies beyond counts as a byte that cannot be read.
std::optional<std::size_t> user_string_length(VirtAddr text, std::size_t most) {
    if (text >= cpu_local->copies_untold_below) [[unlikely]] {
        const std::optional<std::size_t> refusal = most == 0 ? std::optional<std::size_t>(0) : std::nullopt;
        return tell_first(text, 1, refusal, [=] { return user_string_length(text, most); });
    }
    const std::size_t reachable = user_end - text;
    const std::size_t looked_at = most < reachable ? most : reachable;
    const UserAccess access;
    const std::size_t length = count_user_text(pointer(text), looked_at);
    const bool ends = length <= looked_at && (length < looked_at || looked_at == most);
    return ends ? std::optional(length) : std::nullopt;
}

std::optional<std::uint32_t> load_user_word(VirtAddr from) {
    std::uint32_t word = 0;
    if (!may_access(from, sizeof word)) [[unlikely]] {
        return tell_first(from, sizeof word, std::optional<std::uint32_t>(), [=] { return load_user_word(from); });
    }
    const UserAccess access;
    return copy_user_word(&word, pointer(from)) ? std::optional(word) : std::nullopt;
}

bool store_user_word(VirtAddr to, std::uint32_t word) {
    if (!may_access(to, sizeof word)) [[unlikely]] {
        return tell_first(to, sizeof word, false, [=] { return store_user_word(to, word); });
    }
    const UserAccess access;
    return copy_user_word(pointer(to), &word);
}

std::optional<std::uint32_t> compare_exchange_user_word(VirtAddr at, std::uint32_t expected, std::uint32_t desired) {
    if (!may_access(at, sizeof expected)) [[unlikely]] {
        return tell_first(at, sizeof expected, std::optional<std::uint32_t>(),
                          [=] { return compare_exchange_user_word(at, expected, desired); });
    }
    const UserAccess access;
    return exchange_user_word(pointer(at), &expected, desired) ? std::optional(expected) : std::nullopt;
}

} // namespace quire::machine
