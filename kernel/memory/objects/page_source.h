// What regions get their pages from where they are not anonymous: a file, shared memory, anything whose pages have
// numbers. It knows every region that maps it, so that pages which end can be taken from all address spaces at once. It
// owns its pages; a region owns a reference to it.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/list.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/memory/space/region.h"

#include <cstdint>

namespace quire {

// One page of a source. A frame of class Owner::file or Owner::shared is counted: the source has one share of it and
// each entry that maps it takes one more. Any other, such as a boot module's, is mapped as it is and never freed.
struct SourcePage {
    Frame frame;
};

// What /proc/PID/maps and stat say of it.
struct SourceIdentity {
    std::uint32_t device = 0;
    std::uint32_t inode = 0;
};

class PageSource {
public:
    PageSource(const PageSource&) = delete;
    PageSource& operator=(const PageSource&) = delete;

    // The frame with page `index`, made or read if need be; `for_write`: it will be written to through a shared
    // mapping. The frame stays the source's until unmap_pages() was called for the page. What lies behind the source's
    // end in its last page is zeros. Errors: out_of_range (the page is behind the end: SIGBUS), out_of_memory,
    // input_output.
    [[nodiscard]] virtual Result<SourcePage> page(std::uint32_t index, bool for_write) = 0;

    // Whether page() would give the page at once: mincore asks. May not allocate.
    [[nodiscard]] virtual bool resident(std::uint32_t index) const = 0;

    // The page's content is gone, as after MADV_REMOVE: what is read next is zeros. Errors: not_supported.
    virtual Result<void> discard(std::uint32_t first, std::uint32_t count);

    // What was written to pages [first, first + count) goes where it belongs. There is nothing to do in memory.
    virtual Result<void> sync(std::uint32_t first, std::uint32_t count);

    virtual void print_name(Sink& sink) const = 0;
    [[nodiscard]] virtual SourceIdentity identity() const = 0;

    // Who makes a source has the first reference; regions that map it have one each.
    void retain() { ++references_; }
    // The last one gone, destroy() is called.
    void release();
    [[nodiscard]] std::uint32_t references() const { return references_; }

    // Takes pages [first, first + count) from every address space that maps them: call it before their frames end. A
    // touch asks page() again. Private copies go, too, where the source becomes shorter, and stay where it only gets a
    // hole. Cannot fail. O(regions of this source + pages mapped).
    enum class PrivateCopies : bool { stay, go };
    void unmap_pages(std::uint32_t first, std::uint32_t count, PrivateCopies copies);

    // For address spaces: a region maps the source, or does no longer; each has a reference.
    void attach(Region& region) {
        retain();
        regions_.push_back(region);
    }
    void detach(Region& region) {
        regions_.erase(region);
        release();
    }
    // The regions that map it.
    [[nodiscard]] bool mapped() const { return !regions_.empty(); }
    // Whether some region may write to it: such a file is busy.
    [[nodiscard]] bool mapped_writable() const;

protected:
    PageSource() = default;
    ~PageSource() = default;

private:
    // Gives back all that the source is made of.
    virtual void destroy() = 0;

    std::uint32_t references_ = 1;
    List<Region, &Region::in_source> regions_;
};

} // namespace quire
