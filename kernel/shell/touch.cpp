// Reads and writes words at addresses that nobody vouches for.
#include "kernel/shell/touch.h"

#include "arch/x86/include/mmu.h"

namespace quire {

namespace {

volatile std::uint32_t* word_at(VirtAddr address) {
    return reinterpret_cast<volatile std::uint32_t*>(machine::mapped(address));
}

} // namespace

Touch read_word(VirtAddr address, TrapReport report) {
    Touch touch;
    touch.trap = attempt(report, [&touch, address] { touch.word = *word_at(address); });
    return touch;
}

Touch write_word(VirtAddr address, std::uint32_t word, TrapReport report) {
    Touch touch;
    touch.trap = attempt(report, [address, word] { *word_at(address) = word; });
    return touch;
}

} // namespace quire
