// Disks become swap areas, and are emptied again.
#include "kernel/process/userland/swap_areas.h"

#include "kernel/process/lifecycle/out_of_memory.h"
#include "kernel/process/process_table.h"
#include "kernel/process/user_pages.h"

#include <algorithm>

namespace quire {

// ---- swapon

// The area that the device's first page describes.
Result<SwapArea*> SwapAreas::read_area(DiskPages& pages, std::optional<std::int32_t> priority, Sink& why) {
    Result<BlockBuffer> buffer = devices_->make_buffer(page_size);
    if (!buffer) {
        return fail(buffer.error());
    }
    if (const Result<void> got = buffer->read(pages.device(), 0, sectors_per_page); !got) {
        print(why, "its first page cannot be read");
        return fail(got.error());
    }
    Result<SwapArea*> area = fail(Error::invalid_argument);
    buffer->visit(0, page_size, [&](std::span<std::byte> bytes) { // one page is one piece
        const PageWords page(reinterpret_cast<const std::uint32_t*>(bytes.data()), words_per_page);
        if (const Result<SwapHeader> header = read_swap_header(page, pages.pages(), why)) {
            area = memory_->pager.add_area(pages, *header, priority);
            if (!area && area.error() == Error::out_of_memory) {
                print(why, "there is no room in memory for its books, {} for {} of swap space",
                      ByteCount{std::uint64_t{header->pages} * sizeof(SlotRecord)},
                      ByteCount{std::uint64_t{header->pages} * page_size});
            }
        }
        return page_size;
    });
    return area;
}

Result<void> SwapAreas::add(BlockDevice& device, std::optional<std::int32_t> priority, Sink& why) {
    const auto place = std::ranges::find(used_, nullptr, &Used::area);
    if (place == used_.end()) {
        return fail(Error::limit_reached);
    }
    if (device.read_only()) {
        return fail(Error::read_only);
    }
    if (device.sectors() < 2 * sectors_per_page) {
        print(why, "it is too small: two pages are the least");
        return fail(Error::invalid_argument);
    }
    if (const Result<void> claimed = device.claim(); !claimed) {
        return claimed;
    }
    const Result<void> added = add_claimed(*place, device, priority, why);
    if (!added) {
        device.release();
    }
    return added;
}

Result<void> SwapAreas::add_claimed(Used& place, BlockDevice& device, std::optional<std::int32_t> priority, Sink& why) {
    constexpr std::uint32_t orders = Pager::most_writes + Pager::most_reads;
    const Result<DiskPages*> pages = DiskPages::create(memory_->heap, device, orders);
    if (!pages) {
        return fail(pages.error());
    }
    const Result<SwapArea*> area = read_area(**pages, priority, why);
    if (!area) {
        (*pages)->destroy(memory_->heap);
        return fail(area.error());
    }
    place = {.area = *area, .pages = *pages};
    memory_->commit.set_limit(memory_->commit.limit() + (*area)->size());
    return {};
}

// ---- swapoff

Result<void> SwapAreas::remove(const BlockDevice& device, Process& process) {
    const auto found = std::ranges::find_if(
        used_, [&](const Used& each) { return each.area != nullptr && &each.pages->device() == &device; });
    if (found == used_.end() || found->area->closed) { // the latter: somebody is at it
        return fail(Error::invalid_argument);
    }
    SwapArea& area = *found->area;
    area.closed = true;
    if (const Result<void> emptied = empty(area, process); !emptied) {
        area.closed = false;
        return emptied;
    }
    memory_->commit.set_limit(memory_->commit.limit() - area.size());
    memory_->pager.remove_area(area);
    found->pages->device().release();
    found->pages->destroy(memory_->heap);
    *found = {};
    return {};
}

// All at once, as far as there are transfers; a page that has come back gives up its slot.
Result<void> SwapAreas::empty(SwapArea& area, Process& process) {
    Pager& pager = memory_->pager;
    // More than could ever fit: then nothing needs to be tried.
    if (area.used() > memory_->frames.available() + pager.swap.free_pages() + pager.copies_in(area)) {
        return fail(Error::out_of_memory);
    }
    while (area.used() != 0) {
        pager.drop_copies(area);
        for (std::uint32_t number = 0; number < area.slots(); ++number) {
            if (area.record(number).origin != 0) {
                if (const Result<void> back = bring_back({area.number(), number}, process); !back) {
                    return back;
                }
            }
        }
        if (pager.transfers() != 0) {
            memory_->requests.answer_must_wait_for_room();
            if (const Result<void> came = wait_for_page(process); !came) {
                return came;
            }
        }
        pager.drop_copies(area);
    }
    return {};
}

// The page is on its way when this returns, or elsewhere.
Result<void> SwapAreas::bring_back(SwapSlot slot, Process& process) {
    Pager& pager = memory_->pager;
    while (pager.swap.users(slot) != 0 && pager.swap.record(slot).origin != 0) {
        const Error answer = pager.bring_back(slot);
        if (answer == Error::must_wait && memory_->requests.awaited()) {
            return {};
        }
        if (answer == Error::input_output) {
            return fail(answer);
        }
        if (answer == Error::out_of_memory) {
            const Reclaimer::Room room = put_pages_out(*process.table, Pager::room_for_a_fault);
            if (room == Reclaimer::Room::none) {
                return fail(answer);
            }
            if (room == Reclaimer::Room::now) {
                continue;
            }
        }
        if (const Result<void> came = wait_for_page(process); !came) {
            return came;
        }
    }
    return {};
}

} // namespace quire
