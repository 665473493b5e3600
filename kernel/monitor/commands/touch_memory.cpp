// Reads and writes words at addresses that nobody vouches for.
#include "kernel/monitor/commands/touch_memory.h"

#include "kernel/machine/mmu.h"

namespace quire {

Touch read_word(VirtAddr address, TrapReport report) {
    Touch touch;
    touch.trap = attempt(report, [&touch, address] { touch.word = machine::load_word(address); });
    return touch;
}

Touch write_word(VirtAddr address, std::uint32_t word, TrapReport report) {
    Touch touch;
    touch.trap = attempt(report, [address, word] { machine::store_word(address, word); });
    return touch;
}

} // namespace quire
