// What the pager asks of an object whose pages it puts out: a file in memory, shared memory, copies of a file's pages.
// Such a page has a name in one place, which the object keeps, and its entries are all gone while it is out: who
// touches one asks the object.
#pragma once

#include "kernel/lib/list.h"
#include "kernel/machine/address.h"
#include "kernel/memory/pager/page_name.h"

#include <cstdint>

namespace quire {

class ObjectPages;

// Why a page is brought back: somebody has touched it, and may get others that are likely to follow, or this one alone;
// or somebody is expected to; or what it lies on is taken out of use.
enum class PageReturn : std::uint8_t { touched, touched_alone, read_ahead, area_leaves };

// Pages of one object that are kept together: what the record of a frame or a slot with one of them leads to. It lies
// on the kernel heap.
struct PageGroup {
    ObjectPages* object = nullptr;
    std::uint32_t first = 0; // page of the object
};

// How the entries that name a page stand, all together.
struct PageMarks {
    bool used = false;
    bool dirty = false;
    bool locked = false; // one of them may not lose it
};

// Who is shown slots.
class SlotVisitor {
public:
    virtual void visit(SwapSlot slot) = 0;

protected:
    ~SlotVisitor() = default;
};

class ObjectPages {
public:
    ObjectPages(const ObjectPages&) = delete;
    ObjectPages& operator=(const ObjectPages&) = delete;

    // Of the page that `frame` holds. With `forget_use`, `used` says what happened since the last time. O(mappings of
    // the object).
    virtual PageMarks marks(PageGroup& group, Frame frame, bool forget_use) = 0;
    // Takes the page from all tables. O(mappings of the object).
    virtual void unmap(PageGroup& group, Frame frame) = 0;
    // What the object knew as `from` is `to` from now on.
    virtual void renamed(PageGroup& group, PageName from, PageName to) = 0;
    // A page, unmapped, is given back; it can be made again when it is touched.
    virtual void drop_frame(PageGroup& group, Frame frame) = 0;
    // Whether it need not be kept at all.
    [[nodiscard]] virtual bool can_be_made_again() const = 0;
    // Begins to bring a page back that is in a slot. Errors: Pager::bring_in()'s.
    virtual Result<void> bring_back(PageGroup& group, SwapSlot slot) = 0;

    // For audits: whether one page of the group is called so; and all slots that pages are in.
    [[nodiscard]] virtual bool has(const PageGroup& group, PageName name) const = 0;
    virtual void visit_slots(SlotVisitor& visitor) const = 0;

    ListLink<ObjectPages> in_pager; // all objects whose pages can go

protected:
    ObjectPages() = default;
    ~ObjectPages() = default;
};

} // namespace quire
