// Mapping the page, and what is in it.
#include "kernel/process/signals/signal_page.h"

#include "kernel/process/process.h"
#include "kernel/process/signals/signal_frame_layout.h"
#include "kernel/process/user_pages.h"

namespace quire {

namespace {

constexpr std::uint32_t information_offset = 16; // of the second piece of code in the page

Result<void> fill(AddressSpace& space, Page page) {
    for (const auto& [offset, code] :
         {std::pair{0U, &signal_frame::plain_code}, std::pair{information_offset, &signal_frame::information_code}}) {
        if (const auto written = space.write(page.start() + offset, *code); !written) {
            return written;
        }
    }
    return space.protect(page, 1, {.read = true, .execute = true});
}

bool is_mapped(const AddressSpace& space) {
    const Region* const region = space.signal_page != Page() ? space.find(space.signal_page) : nullptr;
    return region != nullptr && region->traits.kind == RegionKind::signal_page;
}

} // namespace

Result<VirtAddr> signal_return_address(Process& process, SignalFrameKind kind) {
    AddressSpace& space = *process.space;
    if (!is_mapped(space)) {
        const Result<Page> page =
            space.map({.pages = 1, .access = {.read = true, .write = true}, .kind = RegionKind::signal_page});
        if (!page) {
            return fail(page.error());
        }
        if (const auto filled = retry_while_pages_come(process, [&] { return fill(space, *page); }); !filled) {
            must_succeed(space.unmap(*page, 1));
            return fail(filled.error());
        }
        space.signal_page = *page;
    }
    return space.signal_page.start() + (kind == SignalFrameKind::plain ? 0 : information_offset);
}

} // namespace quire
