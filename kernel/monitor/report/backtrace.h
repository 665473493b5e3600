// Who called whom: the chain of frame pointers that every kernel function leaves on its stack. Reads a stack only
// where its reader says that it may, believes nothing it finds there, and so never faults and always ends.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/symbols.h"
#include "kernel/machine/address.h"
#include "kernel/machine/image.h"

#include <array>
#include <cstdint>
#include <optional>

namespace quire {

// Memory that may or may not be there.
class MemoryReader {
public:
    // The 32-bit word at `address` (4-byte aligned), or nothing where no word can be read. Never faults.
    [[nodiscard]] virtual std::optional<std::uint32_t> word(VirtAddr address) const = 0;

protected:
    constexpr ~MemoryReader() = default;
};

// The two stacks that are part of the kernel's image, which every directory maps from the first instruction on, and the
// kernel stack of a process, from where the processor is in it.
class OwnStacks final : public MemoryReader {
public:
    // `running`: an address in the stack that the kernel runs on.
    explicit OwnStacks(const machine::KernelImage& image, VirtAddr running = {}) : image_(image), running_(running) {}
    [[nodiscard]] std::optional<std::uint32_t> word(VirtAddr address) const override;

private:
    machine::KernelImage image_;
    VirtAddr running_;
};

struct Backtrace {
    static constexpr std::size_t most_calls = 16;          // different calls in a row that are kept
    static constexpr std::uint32_t most_frames = 1U << 16; // frames that are followed

    // Why the walk ended.
    enum class End : std::uint8_t {
        outermost,  // a frame pointer of 0: the first function
        unreadable, // a frame pointer to memory that cannot be read
        nonsense,   // a frame pointer that is misaligned or does not lead to an outer frame
        too_deep,   // there are more
    };
    struct Call {
        std::uint32_t return_address = 0;
        std::uint32_t times = 0; // in a row: a function that calls itself fills one Call, not the whole trace
    };

    std::array<Call, most_calls> calls{}; // innermost first
    std::size_t count = 0;                // of calls
    End end = End::outermost;
    std::uint32_t last_frame_pointer = 0; // the one that ended the walk
};

// Follows the frames from `frame_pointer` outwards: [0] is the caller's frame pointer, [1] the return address. Frames
// must lie ever higher, as they do on a stack that grows down. O(frames).
[[nodiscard]] Backtrace walk_stack(const MemoryReader& memory, std::uint32_t frame_pointer);

// What turns addresses of code into names.
struct CodeNames {
    SymbolTable symbols{nullptr};
    machine::Range text{}; // where the symbols' functions are

    // The kernel's own.
    [[nodiscard]] static CodeNames linked() {
        return {.symbols = SymbolTable::linked(), .text = machine::kernel_image().text};
    }
};

// An address of code and, in the kernel's text, the function: "0xc0101234 panic+0x12".
struct CodeAddress {
    std::uint32_t address = 0;
    const CodeNames& names;
    bool is_return_address = false; // names the function that holds the call before it
};
void print_to(Sink& sink, const CodeAddress& code);

// One line a call, innermost first, and a last line that says why the walk ended where that is worth knowing. Each
// starts with `indent`.
void print_backtrace(Sink& sink, const Backtrace& backtrace, const CodeNames& names, std::string_view indent);

} // namespace quire
