// Walks and prints the chain of frame pointers. See backtrace.h.
#include "kernel/shell/backtrace.h"

#include "arch/x86/include/image.h"

namespace quire {

std::optional<std::uint32_t> ImageStacks::word(VirtAddr address) const {
    const machine::KernelImage image = machine::kernel_image();
    for (const machine::Range& stack : {image.boot_stack, image.double_fault_stack}) {
        if (stack.contains(address) && stack.end - address >= sizeof(std::uint32_t)) {
            return *reinterpret_cast<const std::uint32_t*>(static_cast<std::uintptr_t>(address.value()));
        }
    }
    return std::nullopt;
}

Backtrace walk_stack(const MemoryReader& memory, std::uint32_t frame_pointer) {
    Backtrace found;
    for (;; ++found.count) {
        found.last_frame_pointer = frame_pointer;
        if (frame_pointer == 0) {
            found.end = Backtrace::End::outermost;
            return found;
        }
        if (frame_pointer % sizeof(std::uint32_t) != 0) {
            found.end = Backtrace::End::nonsense;
            return found;
        }
        const std::optional<std::uint32_t> outer = memory.word(VirtAddr(frame_pointer));
        const std::optional<std::uint32_t> return_address = memory.word(VirtAddr(frame_pointer) + 4);
        if (!outer || !return_address) {
            found.end = Backtrace::End::unreadable;
            return found;
        }
        if (*return_address == 0) { // the boot stub calls with nothing above it
            found.end = Backtrace::End::outermost;
            return found;
        }
        if (found.count == Backtrace::most_frames) {
            found.end = Backtrace::End::too_deep;
            return found;
        }
        found.return_addresses[found.count] = *return_address;
        if (*outer != 0 && *outer <= frame_pointer) {
            ++found.count;
            found.last_frame_pointer = *outer;
            found.end = Backtrace::End::nonsense;
            return found;
        }
        frame_pointer = *outer;
    }
}

void print_to(Sink& sink, const CodeAddress& code) {
    print(sink, "{:#010x}", code.address);
    if (!machine::kernel_image().text.contains(VirtAddr(code.address))) {
        return;
    }
    // A call that never returns may be the last instruction of its function: look up the call, not what follows it.
    const std::uint32_t back = code.is_return_address ? 1 : 0;
    if (auto symbol = SymbolTable::linked().find(code.address - back)) {
        symbol->offset += back;
        print(sink, " {}", *symbol);
    }
}

void print_to(Sink& sink, const Backtrace& backtrace) {
    for (std::size_t i = 0; i < backtrace.count; ++i) {
        print(sink, "    {}\n", CodeAddress{.address = backtrace.return_addresses[i], .is_return_address = true});
    }
    switch (backtrace.end) {
    case Backtrace::End::outermost: break;
    case Backtrace::End::too_deep: print(sink, "    ... and more\n"); break;
    case Backtrace::End::unreadable:
        print(sink, "    the next frame, at {:#010x}, cannot be read\n", backtrace.last_frame_pointer);
        break;
    case Backtrace::End::nonsense: print(sink, "    {:#010x} is no outer frame\n", backtrace.last_frame_pointer); break;
    }
}

} // namespace quire
