// Entries of user tables, told.
#include "kernel/monitor/report/user_entries.h"

#include "kernel/memory/frames/address_text.h"

namespace quire {

namespace {

// "area 1 (/dev/hda), slot 0x2c".
struct SlotText {
    const SwapSpace& swap;
    SwapSlot slot;
};
void print_to(Sink& sink, const SlotText& text) {
    print(sink, "area {} (", text.slot.area());
    text.swap.area(text.slot).store().print_name(sink);
    print(sink, "), slot {:#x}", text.slot.number());
}

// How the content of a frame whose entries are in transit moves.
enum class Way : std::uint8_t { in, out, arrived };
Way way_of(const Memory& memory, Frame frame) {
    const PageRequest* const request = memory.requests.find(frame);
    if (request == nullptr) {
        return Way::arrived;
    }
    return request->is_leaving() ? Way::out : Way::in;
}

void print_transit(Sink& sink, const Memory& memory, Frame frame) {
    const Way way = way_of(memory, frame);
    print(sink, "in transit, {}", way == Way::arrived ? "has come" : (way == Way::in ? "in" : "out"));
    const std::optional<SwapSlot> slot = memory.pager.copy_of(frame);
    if (slot && way != Way::arrived) {
        sink.write(way == Way::in ? " from " : " to ");
        print_to(sink, SlotText{memory.pager.swap, *slot});
    }
}

bool is_lost(const SwapSpace& swap, SwapSlot slot) {
    return !SwapSpace::holds_word(slot) && swap.record(slot).lost != 0;
}

} // namespace

void print_to(Sink& sink, const UserEntryText& text) {
    const SwapSpace& swap = text.memory.pager.swap;
    switch (text.pte.kind()) {
    case UserPteKind::empty: print(sink, "empty"); break;
    case UserPteKind::present: print(sink, "{}", text.pte.frame()); break;
    case UserPteKind::no_access: print(sink, "{}, kept, though nobody may touch it", text.pte.frame()); break;
    case UserPteKind::hidden: print(sink, "{}, hidden so that its next touch is seen", text.pte.frame()); break;
    case UserPteKind::in_transit:
        print(sink, "{}, ", text.pte.frame());
        print_transit(sink, text.memory, text.pte.frame());
        break;
    case UserPteKind::swapped:
        if (SwapSpace::holds_word(text.pte.slot())) {
            print(sink, "swapped out, on no disk: the word {:#010x} over and over", swap.word(text.pte.slot()));
        } else {
            print(sink, "swapped out to {}{}", SlotText{swap, text.pte.slot()},
                  is_lost(swap, text.pte.slot()) ? ", and lost" : "");
        }
        break;
    }
}

void print_to(Sink& sink, const AbsenceText& text) {
    switch (text.pte.kind()) {
    case UserPteKind::empty: print(sink, "has no frame yet: it was never touched"); break;
    case UserPteKind::swapped: print(sink, "is not in memory: {}", UserEntryText{text.memory, text.pte}); break;
    case UserPteKind::in_transit: print(sink, "is not in memory yet: {}", UserEntryText{text.memory, text.pte}); break;
    case UserPteKind::present:
    case UserPteKind::hidden:
    case UserPteKind::no_access: print(sink, "is in {}", text.pte.frame()); break;
    }
}

bool content_is_there(const Memory& memory, UserPte pte) {
    return pte.has_frame() && (pte.kind() != UserPteKind::in_transit || way_of(memory, pte.frame()) != Way::in);
}

bool EntryRun::is_continued_by(const EntryRun& next) const {
    if (end() != next.first || pte.kind() != next.pte.kind()) {
        return false;
    }
    switch (pte.kind()) {
    case UserPteKind::present: return pte.frame() + count == next.pte.frame() && protection == next.protection;
    case UserPteKind::hidden:
    case UserPteKind::no_access: return pte.frame() + count == next.pte.frame();
    case UserPteKind::swapped: {
        const SwapSlot slot = pte.slot();
        return SwapSpace::holds_word(slot)
                   ? slot == next.pte.slot()
                   : slot.area() == next.pte.slot().area() && slot.number() + count == next.pte.slot().number();
    }
    case UserPteKind::in_transit: // each has a transfer of its own
    case UserPteKind::empty: return false;
    }
    return false;
}

void print_to(Sink& sink, const EntryRunText& text) {
    const EntryRun& run = text.run;
    const SwapSpace& swap = text.memory.pager.swap;
    print(sink, "{} - {}  {:>8}  ", run.first.start(), run.end().start() - 1,
          ByteCount{std::uint64_t{run.count} * page_size});
    switch (run.pte.kind()) {
    case UserPteKind::present: print(sink, "{:>10}  4 KiB  {}", run.pte.frame().start(), run.protection); break;
    case UserPteKind::no_access: print(sink, "{:>10}  4 KiB  -- kept", run.pte.frame().start()); break;
    case UserPteKind::hidden: print(sink, "{:>10}  4 KiB  -- hidden", run.pte.frame().start()); break;
    case UserPteKind::in_transit: print_transit(sink, text.memory, run.pte.frame()); break;
    case UserPteKind::swapped: {
        const SwapSlot slot = run.pte.slot();
        if (SwapSpace::holds_word(slot)) {
            print(sink, "swapped: {:#010x} over and over", swap.word(slot));
        } else if (run.count == 1) {
            print(sink, "swapped: area {}, slot {:#x}", slot.area(), slot.number());
        } else {
            print(sink, "swapped: area {}, slots {:#x} to {:#x}", slot.area(), slot.number(),
                  slot.number() + run.count - 1);
        }
        break;
    }
    case UserPteKind::empty: break;
    }
}

} // namespace quire
