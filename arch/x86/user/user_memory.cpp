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

bool in_user_space(VirtAddr start, std::size_t bytes) {
    return bytes <= user_end.value() && start.value() <= user_end.value() - bytes;
}

void* pointer(VirtAddr address) {
    return reinterpret_cast<void*>(address.value());
}

} // namespace

std::size_t copy_from_user(void* to, VirtAddr from, std::size_t bytes) {
    if (!in_user_space(from, bytes)) {
        return bytes;
    }
    const UserAccess access;
    return copy_user_bytes(to, pointer(from), bytes);
}

std::size_t copy_to_user(VirtAddr to, const void* from, std::size_t bytes) {
    if (!in_user_space(to, bytes)) {
        return bytes;
    }
    const UserAccess access;
    return copy_user_bytes(pointer(to), from, bytes);
}

std::size_t zero_user(VirtAddr to, std::size_t bytes) {
    if (!in_user_space(to, bytes)) {
        return bytes;
    }
    const UserAccess access;
    return zero_user_bytes(pointer(to), bytes);
}

// A text may end right below the end of user space: what lies beyond counts as a byte that cannot be read.
std::optional<std::size_t> user_string_length(VirtAddr text, std::size_t most) {
    if (text >= user_end) {
        return most == 0 ? std::optional<std::size_t>(0) : std::nullopt;
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
    if (!in_user_space(from, sizeof word)) {
        return std::nullopt;
    }
    const UserAccess access;
    return copy_user_word(&word, pointer(from)) ? std::optional(word) : std::nullopt;
}

bool store_user_word(VirtAddr to, std::uint32_t word) {
    if (!in_user_space(to, sizeof word)) {
        return false;
    }
    const UserAccess access;
    return copy_user_word(pointer(to), &word);
}

std::optional<std::uint32_t> compare_exchange_user_word(VirtAddr at, std::uint32_t expected, std::uint32_t desired) {
    if (!in_user_space(at, sizeof expected)) {
        return std::nullopt;
    }
    const UserAccess access;
    return exchange_user_word(pointer(at), &expected, desired) ? std::optional(expected) : std::nullopt;
}

} // namespace quire::machine
