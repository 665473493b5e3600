// Where pages can be written to and read back from by their numbers: a disk, a part of one, a file. The interface that
// paging knows of whatever lies below; kernel/block/ implements it, and so do tests.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/result.h"
#include "kernel/machine/address.h"

#include <cstdint>

namespace quire {

// One page on its way to or from a store. Who starts it owns it, and leaves it and the frame alone until it is told
// that it is over.
class PageTransfer {
public:
    enum class Direction : std::uint8_t { read, write };

    PageTransfer() = default;
    PageTransfer(const PageTransfer&) = delete;
    PageTransfer& operator=(const PageTransfer&) = delete;

    // It is over, once for each start. Nothing of memory's is on the stack then, and the transfer may be started again.
    // Error: input_output.
    virtual void transferred(const Result<void>& result) = 0;

    Direction direction = Direction::read;
    std::uint32_t page = 0; // of the store
    Frame frame;

protected:
    ~PageTransfer() = default;
};

class PageStore {
public:
    PageStore(const PageStore&) = delete;
    PageStore& operator=(const PageStore&) = delete;

    // Pages that it has.
    [[nodiscard]] virtual std::uint32_t pages() const = 0;
    // Begins the transfer of a page that it has. Never waits, never allocates, and does not fail: what goes wrong
    // transferred() is told, later.
    virtual void start(PageTransfer& transfer) = 0;
    // "/dev/hda1".
    virtual void print_name(Sink& sink) const = 0;

protected:
    PageStore() = default;
    ~PageStore() = default;
};

} // namespace quire
