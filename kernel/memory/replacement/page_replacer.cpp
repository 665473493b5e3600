// Searches that several policies make, and what policies say to people.
#include "kernel/memory/replacement/page_replacer.h"

namespace quire {

std::optional<Victim> PageReplacer::first_that_can(PageQueue& queue, PageUses& uses) {
    for (std::uint32_t left = queue.length(); left != 0; --left) {
        const Frame frame = queue.take_front();
        ++counts_.looks;
        switch (uses.use_so_far(frame)) {
        case PageUses::Use::gone: break;
        case PageUses::Use::stays: queue.push_back(frame); break;
        case PageUses::Use::unused:
        case PageUses::Use::used: ++counts_.chosen; return Victim{frame, std::nullopt};
        }
    }
    return std::nullopt;
}

std::optional<Victim> PageReplacer::first_unused(PageQueue& queue, PageUses& uses) {
    for (std::uint32_t left = 2 * queue.length(); left != 0 && !queue.empty(); --left) {
        const Frame frame = queue.take_front();
        switch (look(uses, frame)) {
        case PageUses::Use::gone: break;
        case PageUses::Use::unused: ++counts_.chosen; return Victim{frame, std::nullopt};
        case PageUses::Use::stays:
        case PageUses::Use::used: queue.push_back(frame); break;
        }
    }
    return std::nullopt;
}

std::string_view name_of(PageUses::Use use) {
    switch (use) {
    case PageUses::Use::gone: return "gone";
    case PageUses::Use::stays: return "stays";
    case PageUses::Use::unused: return "unused";
    case PageUses::Use::used: break;
    }
    return "used";
}

std::string_view description_of(Fate fate) {
    switch (fate) {
    case Fate::goes: return "goes";
    case Fate::used: return "passed over: used since it was looked at last";
    case Fate::wanted_back: return "passed over: it was wanted back soon after it had gone";
    case Fate::just_came: return "waits: it has just come";
    case Fate::younger: return "gets older: used since it was looked at last";
    case Fate::stays: return "stays: locked, pinned or on its way";
    case Fate::gone: break;
    }
    return "forgotten: its frame was given back";
}

} // namespace quire
