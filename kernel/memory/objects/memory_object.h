// What regions get their pages from where they are not anonymous: a file, shared memory, anything whose pages have
// numbers. It knows every region that maps it, so that pages which end can be taken from all address spaces at once. It
// owns its pages; a region owns a reference to it.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/list.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/memory/pager/object_pages.h"

#include <cstdint>

namespace quire {

// One page of an object. A frame of class Owner::file or Owner::shared is counted: the object has one share of it and
// each entry that maps it takes one more. Any other, such as a boot module's, is mapped as it is and never freed.
struct ObjectPage {
    Frame frame;
};

// What /proc/PID/maps and stat say of it.
struct ObjectIdentity {
    std::uint32_t device = 0;
    std::uint32_t inode = 0;
};

struct ObjectMapping;

// Who has mappings of objects: an address space.
class MappingHolder {
public:
    // Takes the page, which the mapping has, from its table; a private copy, too, where `anonymous`. Whether there was
    // one. The TLB may keep its translation.
    virtual bool take_page(Page page, bool anonymous) = 0;
    // How the page's entry stands, if `frame` is behind it; `used` is forgotten where `forget_use`.
    virtual PageMarks page_marks(const ObjectMapping& mapping, Page page, Frame frame, bool forget_use) = 0;
    // Whether the object may be written through the mapping, now or once its protection is changed.
    [[nodiscard]] virtual bool may_write(const ObjectMapping& mapping) const = 0;

protected:
    ~MappingHolder() = default;
};

// A run of pages somewhere that shows pages of an object.
struct ObjectMapping {
    Page first;
    std::uint32_t pages = 0;
    std::uint32_t object_page = 0; // the object's page behind `first`
    MappingHolder* holder = nullptr;
    ListLink<ObjectMapping> in_object; // all mappings of one object
};

class MemoryObject {
public:
    MemoryObject(const MemoryObject&) = delete;
    MemoryObject& operator=(const MemoryObject&) = delete;

    // The frame with page `index`, made or read if need be; `for_write`: it will be written to through a shared
    // mapping. The frame stays the object's until unmap_pages() was called for the page. What lies behind the object's
    // end in its last page is zeros. Errors: out_of_range (the page is behind the end: SIGBUS), out_of_memory,
    // input_output.
    [[nodiscard]] virtual Result<ObjectPage> page(std::uint32_t index, bool for_write) = 0;

    // Whether page() would give the page at once: mincore asks. May not allocate.
    [[nodiscard]] virtual bool resident(std::uint32_t index) const = 0;

    // The page's content is gone, as after MADV_REMOVE: what is read next is zeros. Errors: not_supported.
    virtual Result<void> discard(std::uint32_t first, std::uint32_t count);

    // Pages [first, first + count) will be wanted: those that are out may come back now, as far as there is room.
    virtual void will_need(std::uint32_t /*first*/, std::uint32_t /*count*/) {}

    // What was written to pages [first, first + count) goes where it belongs. There is nothing to do in memory.
    virtual Result<void> sync(std::uint32_t first, std::uint32_t count);

    virtual void print_name(Sink& sink) const = 0;
    [[nodiscard]] virtual ObjectIdentity identity() const = 0;

    // Who makes an object has the first reference; regions that map it have one each.
    void retain() { ++references_; }
    // The last one gone, destroy() is called.
    void release();
    [[nodiscard]] std::uint32_t references() const { return references_; }

    // Takes pages [first, first + count) from every address space that maps them: call it before their frames end. A
    // touch asks page() again. Private copies go, too, where the object becomes shorter, and stay where it only gets a
    // hole. Cannot fail. O(mappings of this object + pages mapped).
    enum class PrivateCopies : bool { stay, go };
    void unmap_pages(std::uint32_t first, std::uint32_t count, PrivateCopies copies);

    // How all entries stand that name the object's page `index`, whose frame this is; the use that `used` says is
    // forgotten where `forget_use`. O(mappings of this object).
    [[nodiscard]] PageMarks page_marks(std::uint32_t index, Frame frame, bool forget_use);

    // For address spaces: the object is mapped, or no longer; each mapping has a reference.
    void attach(ObjectMapping& mapping) {
        retain();
        mappings_.push_back(mapping);
    }
    void detach(ObjectMapping& mapping) {
        mappings_.erase(mapping);
        release();
    }
    [[nodiscard]] bool mapped() const { return !mappings_.empty(); }
    // Whether it may be written through some mapping: such a file is busy.
    [[nodiscard]] bool mapped_writable() const;

protected:
    MemoryObject() = default;
    ~MemoryObject() = default;

private:
    // Gives back all that the object is made of.
    virtual void destroy() = 0;

    std::uint32_t references_ = 1;
    List<ObjectMapping, &ObjectMapping::in_object> mappings_;
};

} // namespace quire
