// The rules, most telling first. See fault_cause.h.
#include "kernel/monitor/report/fault_cause.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/heap/heap_patterns.h"
#include "kernel/monitor/report/trap_text.h"

#include <array>
#include <cstddef>
#include <optional>
#include <span>

namespace quire {

namespace {

using machine::Range;

const AddressFacts& place(const FaultFacts& facts) {
    if (!facts.address) {
        panic("the rules for an address are asked where one is known");
    }
    return *facts.address;
}
AreaKind area_kind(const FaultFacts& facts) {
    return area_of(place(facts).address).kind;
}
bool mapped(const FaultFacts& facts) {
    return place(facts).translation.has_value();
}
bool page_was_present(const FaultFacts& facts) {
    return (facts.trap.error_code & page_fault_present) != 0;
}
bool is_fetch(const FaultFacts& facts) {
    return access_of(facts.trap) == AccessKind::fetch;
}
bool is_write(const FaultFacts& facts) {
    return access_of(facts.trap) == AccessKind::write;
}
bool by_kernel(const FaultFacts& facts) {
    return (facts.trap.error_code & page_fault_user) == 0;
}
bool hits(const FaultFacts& facts, const Range& range) {
    return range.contains(place(facts).address);
}

// Whether the stack pointer is where an overflow into the guard around `address` leaves it: at most two pages above
// it, or below it and in no stack, because room for large local variables was taken at once.
bool stack_pointer_at_guard(const FaultFacts& facts) {
    constexpr std::uint32_t above = 2 * page_size;
    constexpr std::uint32_t below = 1U << 20;
    const VirtAddr stack_pointer(facts.trap.esp());
    const VirtAddr address = place(facts).address;
    if (stack_pointer >= address) {
        return stack_pointer - address <= above;
    }
    return address - stack_pointer <= below && !facts.image.boot_stack.contains(stack_pointer) &&
           !facts.image.double_fault_stack.contains(stack_pointer);
}

// The entry as it is now permits what was refused: the TLB held something older.
bool allowed_by_now(const FaultFacts& facts) {
    const std::optional<Translation>& now = place(facts).translation;
    return now && (facts.trap.error_code & page_fault_reserved) == 0 && !is_fetch(facts) &&
           (!is_write(facts) || now->protection.writable) && by_kernel(facts) != now->protection.user;
}

// The heap's debug mode fills memory with bytes that tell what it is. An address made of them was no pointer. Members
// and elements lie a little above the pointer, so the upper half decides.
bool made_of(std::byte pattern, const FaultFacts& facts) {
    return place(facts).address.value() >> 16U == std::to_integer<std::uint32_t>(pattern) * 0x0101;
}

struct Rule {
    Cause cause;
    bool (*fits)(const FaultFacts&);
};

// For page faults.
constexpr auto page_fault_rules = std::to_array<Rule>({
    Rule{{"damaged entry", "a reserved bit is set in the entry: the page tables were overwritten or built wrongly."},
         [](const FaultFacts& f) { return (f.trap.error_code & page_fault_reserved) != 0; }},
    Rule{{"null function pointer", "a function was called through a pointer that was never set."},
         [](const FaultFacts& f) { return is_fetch(f) && place(f).address.value() < page_size; }},
    Rule{{"wild jump", "there is no code: a damaged function pointer or return address was followed."},
         [](const FaultFacts& f) { return is_fetch(f) && !hits(f, f.image.text) && !page_was_present(f); }},
    Rule{{"user page executed", "the kernel jumped to a user page, which SMEP forbids."},
         [](const FaultFacts& f) { return is_fetch(f) && by_kernel(f) && page_was_present(f); }},
    Rule{{"null pointer",
          "a pointer that is null was used; the first page is never mapped, so that this shows at once."},
         [](const FaultFacts& f) { return place(f).address.value() < sizeof(std::uint64_t); }},
    Rule{{"member of a null pointer",
          "a null pointer to an object or array was used; the small address is the offset of "
          "the member or element."},
         [](const FaultFacts& f) { return place(f).address.value() < page_size; }},
    Rule{{"null pointer and a large offset", "an element far into an array was used whose pointer is null."},
         [](const FaultFacts& f) { return area_kind(f) == AreaKind::null_guard; }},
    Rule{{"stack overflow",
          "the stack ran into its guard page: recursion without an end, or too large local variables."},
         [](const FaultFacts& f) { return in_stack_guard(place(f).address, f) && stack_pointer_at_guard(f); }},
    Rule{{"stack guard touched",
          "a pointer left the low end of a stack and met its guard page; the stack itself is fine."},
         [](const FaultFacts& f) { return in_stack_guard(place(f).address, f); }},
    Rule{{"write to code", "the kernel's code is mapped read-only; a wild pointer, or an attempt to patch it."},
         [](const FaultFacts& f) { return is_write(f) && hits(f, f.image.text); }},
    Rule{{"write to a constant", "constants and string literals are mapped read-only; a cast took the const away."},
         [](const FaultFacts& f) { return is_write(f) && hits(f, f.image.rodata); }},
    Rule{{"null physical address",
          "the physical address 0 was turned into a pointer, which the kernel never does on purpose."},
         [](const FaultFacts& f) { return place(f).address.value() - machine::kernel_base < page_size; }},
    Rule{{"stale translation",
          "the entry permits this access by now: the TLB held an older one, so a flush was missed."},
         allowed_by_now},
    Rule{{"write to a read-only page",
          "the page is mapped without the right to write, which binds the kernel too (CR0.WP)."},
         [](const FaultFacts& f) {
             const std::optional<Translation>& now = place(f).translation; // the entry may have gone since
             return is_write(f) && page_was_present(f) && now && !now->protection.writable;
         }},
    Rule{{"user page touched", "the kernel used a user page without permission, which SMAP forbids."},
         [](const FaultFacts& f) { return by_kernel(f) && page_was_present(f) && place(f).translation; }},
    Rule{{"kernel page", "a program used memory that only the kernel may use."},
         [](const FaultFacts& f) { return !by_kernel(f) && page_was_present(f); }},
    Rule{{"pointer from freed memory",
          "the address is made of the bytes that fill freed blocks: the pointer itself was "
          "read after kfree."},
         [](const FaultFacts& f) { return made_of(heap_pattern::freed, f); }},
    Rule{{"pointer never set", "the address is made of the bytes that fill new blocks: the pointer was never set."},
         [](const FaultFacts& f) { return made_of(heap_pattern::fresh, f); }},
    Rule{{"pointer from beyond a block",
          "the address is made of the bytes that stand around blocks: the pointer was read "
          "past the end of one."},
         [](const FaultFacts& f) { return made_of(heap_pattern::zone, f); }},
    Rule{{"freed heap memory",
          "the block that was here is freed, and its page is gone: a pointer was used after kfree."},
         [](const FaultFacts& f) {
             return area_kind(f) == AreaKind::heap && (place(f).was_block || place(f).block.has_value());
         }},
    Rule{{"unused heap memory",
          "the heap has never used this page: a wild pointer, or one far past the end of its block."},
         [](const FaultFacts& f) { return area_kind(f) == AreaKind::heap; }},
    Rule{{"beyond RAM",
          "no RAM lies behind this part of the direct map: a wrong physical address was turned into a pointer."},
         [](const FaultFacts& f) { return area_kind(f) == AreaKind::direct_map && place(f).owner == Owner::absent; }},
    Rule{{"unmapped RAM", "this RAM is kept out of the direct map on purpose."},
         [](const FaultFacts& f) { return area_kind(f) == AreaKind::direct_map; }},
    Rule{{"user address", "the kernel used an address of the user's part, where no process has anything mapped."},
         [](const FaultFacts& f) {
             return by_kernel(f) && (area_kind(f) == AreaKind::user || area_kind(f) == AreaKind::user_executable);
         }},
    Rule{{"ended temporary mapping", "a pointer into a frame's temporary mapping was kept after the mapping was gone."},
         [](const FaultFacts& f) { return area_kind(f) == AreaKind::temporary; }},
    Rule{{"negative pointer",
          "the address is just below 4 GiB: a negative number, or an offset below null, was used as a "
          "pointer."},
         [](const FaultFacts& f) { return area_kind(f) == AreaKind::guard; }},
    Rule{{"unmapped device", "nobody has mapped device memory here."},
         [](const FaultFacts& f) { return area_kind(f) == AreaKind::device; }},
    Rule{{"unused stack", "no kernel stack is here: a pointer into a stack that is gone was used."},
         [](const FaultFacts& f) { return area_kind(f) == AreaKind::stacks; }},
    Rule{{"wild pointer", "nothing is known here: the pointer was never set, or was overwritten."},
         [](const FaultFacts&) { return true; }},
});

// For double faults.
constexpr auto double_fault_rules = std::to_array<Rule>({
    Rule{{"stack overflow",
          "the stack ran into its guard page, so the page fault could not be pushed: recursion without "
          "an end, or too large local variables."},
         [](const FaultFacts& f) { return f.address && in_stack_guard(place(f).address, f); }},
    Rule{{"lost stack", "the stack pointer leads to memory that is not mapped, so the page fault could not be pushed."},
         [](const FaultFacts& f) { return f.address && !mapped(f); }},
});

bool blames_gate(const FaultFacts& facts) {
    return SelectorErrorCode{facts.trap.error_code}.table() == SelectorErrorCode::Table::idt;
}

// For general protection faults.
constexpr auto general_protection_rules = std::to_array<Rule>({
    Rule{{"refused instruction", "a privileged or malformed instruction, or a reserved bit in a control register."},
         [](const FaultFacts& f) { return f.trap.error_code == 0; }},
    Rule{{"missing gate", "an INT instruction named a vector for which the IDT has no gate."}, blames_gate},
    Rule{{"bad selector", "a segment register was loaded with a selector that its table does not offer."},
         [](const FaultFacts&) { return true; }},
});

const Cause* first_that_fits(std::span<const Rule> rules, const FaultFacts& facts) {
    for (const Rule& rule : rules) {
        if (rule.fits(facts)) {
            return &rule.cause;
        }
    }
    return nullptr;
}

} // namespace

bool in_stack_guard(VirtAddr address, const FaultFacts& facts) {
    if (facts.image.stack_guard.contains(address) || facts.image.double_fault_guard.contains(address)) {
        return true;
    }
    // In the area of the stacks, a page with nothing in it right below one that is mapped.
    const Page page = Page::containing(address);
    return area_of(address).kind == AreaKind::stacks && facts.address && !facts.address->translation &&
           facts.address->above && facts.address->above->first == page + 1;
}

Cause likely_cause(const FaultFacts& facts) {
    const Cause* cause = nullptr;
    switch (facts.trap.vector) {
    case machine::vector::page_fault: cause = facts.address ? first_that_fits(page_fault_rules, facts) : nullptr; break;
    case machine::vector::double_fault: cause = first_that_fits(double_fault_rules, facts); break;
    case machine::vector::general_protection: cause = first_that_fits(general_protection_rules, facts); break;
    default: break;
    }
    return cause != nullptr ? *cause : Cause{.name = {}, .sentence = text_of_exception(facts.trap.vector).likely_cause};
}

} // namespace quire
