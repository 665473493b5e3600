// Records what a program asks of its heap: loaded into it with LD_PRELOAD, it writes one RawEvent a call to the file
// QUIRE_TRACE names, with the process id appended, for processes named QUIRE_TRACE_PROGRAM. Events of all threads go
// into one list, in the order in which they happened. glibc does the work.
#include "bench/heap/trace.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

// The names under which glibc offers its own heap to those who replace it.
extern "C" {
void* __libc_malloc(std::size_t bytes);                          // NOLINT(bugprone-reserved-identifier)
void __libc_free(void* block);                                   // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(std::size_t count, std::size_t bytes);       // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* block, std::size_t bytes);            // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(std::size_t alignment, std::size_t bytes); // NOLINT(bugprone-reserved-identifier)
}

namespace {

using quire::bench::Operation;
using quire::bench::RawEvent;

constexpr std::uint64_t most_events = 4'000'000; // enough; the rest of a long run is left out

// The one recorder of this process; a preloaded library has nobody to pass it in.
struct Recorder {
    std::atomic_flag busy{};
    bool asked = false; // whether this process is to be recorded is known
    int file = -1;
    std::uint64_t events = 0;
    std::size_t buffered = 0;
    std::array<RawEvent, 16384> buffer{};

    void ask() {
        asked = true;
        const char* const path = std::getenv("QUIRE_TRACE");
        const char* const program = std::getenv("QUIRE_TRACE_PROGRAM");
        if (path == nullptr || program == nullptr || std::strcmp(program, program_invocation_short_name) != 0) {
            return;
        }
        std::array<char, 4096> name{};
        std::snprintf(name.data(), name.size(), "%s.%d", path, static_cast<int>(getpid()));
        file = open(name.data(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    }
    void flush() {
        const auto* at = reinterpret_cast<const char*>(buffer.data());
        std::size_t left = buffered * sizeof(RawEvent);
        while (file >= 0 && left > 0) {
            const ssize_t written = write(file, at, left);
            if (written <= 0) {
                break;
            }
            at += written;
            left -= static_cast<std::size_t>(written);
        }
        buffered = 0;
    }
    void add(const RawEvent& event) {
        if (!asked) {
            ask();
        }
        if (file < 0 || events == most_events) {
            return;
        }
        buffer[buffered++] = event;
        ++events;
        if (buffered == buffer.size()) {
            flush();
        }
    }
};

Recorder recorder; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): see above

// Holds the recorder for as long as one call takes, so that the order of events is that of the heap.
class Turn {
public:
    Turn() {
        while (recorder.busy.test_and_set(std::memory_order_acquire)) {
        }
    }
    ~Turn() { recorder.busy.clear(std::memory_order_release); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
};

std::uint64_t number(const void* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer);
}

void* allocated(void* block, std::size_t bytes) {
    if (block != nullptr) {
        recorder.add({.address = number(block), .previous = 0, .bytes = bytes, .operation = Operation::allocate});
    }
    return block;
}

__attribute__((destructor)) void finish() {
    const Turn turn;
    recorder.flush();
}

} // namespace

extern "C" {

void* malloc(std::size_t bytes) {
    const Turn turn;
    return allocated(__libc_malloc(bytes), bytes);
}

void free(void* block) {
    if (block == nullptr) {
        return;
    }
    const Turn turn;
    recorder.add({.address = number(block), .previous = 0, .bytes = 0, .operation = Operation::free});
    __libc_free(block);
}

void* calloc(std::size_t count, std::size_t bytes) {
    const Turn turn;
    return allocated(__libc_calloc(count, bytes), count * bytes);
}

void* realloc(void* block, std::size_t bytes) {
    const Turn turn;
    void* const moved = __libc_realloc(block, bytes);
    if (moved != nullptr) {
        recorder.add({.address = number(moved),
                      .previous = number(block),
                      .bytes = bytes,
                      .operation = block == nullptr ? Operation::allocate : Operation::reallocate});
    }
    return moved;
}

void* memalign(std::size_t alignment, std::size_t bytes) {
    const Turn turn;
    return allocated(__libc_memalign(alignment, bytes), bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
    return memalign(alignment, bytes);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
    *block = memalign(alignment, bytes);
    return *block == nullptr ? ENOMEM : 0;
}

} // extern "C"
