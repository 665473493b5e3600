// Walks and prints the chain of frame pointers. See backtrace.h.
#include "kernel/monitor/report/backtrace.h"

#include "kernel/memory/paging/kernel_stacks.h"

namespace quire {

std::optional<std::uint32_t> OwnStacks::word(VirtAddr address) const {
    const machine::Range rest_of_running{running_, KernelStacks::end_of(running_)};
    for (const machine::Range& stack : {image_.boot_stack, image_.double_fault_stack, rest_of_running}) {
        if (stack.contains(address) && stack.end - address >= sizeof(std::uint32_t)) {
            return *reinterpret_cast<const std::uint32_t*>(static_cast<std::uintptr_t>(address.value()));
        }
    }
    return std::nullopt;
}

namespace {

// Adds one call. False where there is no room for it.
bool append(Backtrace& trace, std::uint32_t return_address) {
    if (trace.count > 0 && trace.calls[trace.count - 1].return_address == return_address) {
        ++trace.calls[trace.count - 1].times;
        return true;
    }
    if (trace.count == Backtrace::most_calls) {
        return false;
    }
    trace.calls[trace.count++] = {.return_address = return_address, .times = 1};
    return true;
}

// Follows one frame: why the walk ends there, or nothing, and then `frame_pointer` is the next one's.
std::optional<Backtrace::End> follow(const MemoryReader& memory, std::uint32_t& frame_pointer, Backtrace& trace) {
    if (frame_pointer == 0) {
        return Backtrace::End::outermost;
    }
    if (frame_pointer % sizeof(std::uint32_t) != 0) {
        return Backtrace::End::nonsense;
    }
    const std::optional<std::uint32_t> outer = memory.word(VirtAddr(frame_pointer));
    const std::optional<std::uint32_t> return_address = memory.word(VirtAddr(frame_pointer) + 4);
    if (!outer || !return_address) {
        return Backtrace::End::unreadable;
    }
    if (!append(trace, *return_address)) {
        return Backtrace::End::too_deep;
    }
    const bool outwards = *outer == 0 || *outer > frame_pointer;
    frame_pointer = *outer;
    return outwards ? std::nullopt : std::optional(Backtrace::End::nonsense);
}

} // namespace

Backtrace walk_stack(const MemoryReader& memory, std::uint32_t frame_pointer) {
    Backtrace trace;
    trace.end = Backtrace::End::too_deep;
    for (std::uint32_t frames = 0; frames < Backtrace::most_frames; ++frames) {
        if (const auto end = follow(memory, frame_pointer, trace)) {
            trace.end = *end;
            break;
        }
    }
    trace.last_frame_pointer = frame_pointer;
    return trace;
}

void print_to(Sink& sink, const CodeAddress& code) {
    print(sink, "{:#010x}", code.address);
    if (!code.names.text.contains(VirtAddr(code.address))) {
        return;
    }
    // A call that never returns may be the last instruction of its function: look up the call, not what follows it.
    const std::uint32_t back = code.is_return_address ? 1 : 0;
    if (auto symbol = code.names.symbols.find(code.address - back)) {
        symbol->offset += back;
        print(sink, " {}", *symbol);
    }
}

void print_backtrace(Sink& sink, const Backtrace& backtrace, const CodeNames& names, std::string_view indent) {
    for (std::size_t i = 0; i < backtrace.count; ++i) {
        const Backtrace::Call& call = backtrace.calls[i];
        print(sink, "{}{}", indent,
              CodeAddress{.address = call.return_address, .names = names, .is_return_address = true});
        if (call.times > 1) {
            print(sink, ", {:,} times in a row", call.times);
        }
        print(sink, "\n");
    }
    switch (backtrace.end) {
    case Backtrace::End::outermost: break;
    case Backtrace::End::too_deep: print(sink, "{}... and more\n", indent); break;
    case Backtrace::End::unreadable:
        print(sink, "{}(the next frame, at {:#010x}, cannot be read)\n", indent, backtrace.last_frame_pointer);
        break;
    case Backtrace::End::nonsense:
        print(sink, "{}(the chain breaks: {:#010x} is no outer frame)\n", indent, backtrace.last_frame_pointer);
        break;
    }
}

} // namespace quire
