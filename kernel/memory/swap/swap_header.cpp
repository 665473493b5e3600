// The checks of a swap area's first page.
#include "kernel/memory/swap/swap_header.h"

#include "kernel/memory/paging/swap_slot.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace quire {

namespace {

constexpr std::string_view signature = "SWAPSPACE2", old_signature = "SWAP-SPACE", suspended_signature = "S1SUSPEND";
constexpr std::uint32_t only_version = 1;

// Behind the boot loader's 1,024 bytes.
constexpr std::size_t version_at = 256, last_page_at = 257, bad_count_at = 258, bad_pages_at = 384; // words
static_assert(bad_pages_at + SwapHeader::most_bad_pages == (page_size - signature.size()) / sizeof(std::uint32_t));

std::string_view signature_of(PageWords page) {
    return {reinterpret_cast<const char*>(page.data()) + page_size - signature.size(), signature.size()};
}

Result<SwapHeader> refuse_signature(PageWords page, Sink& why) {
    const std::string_view there = signature_of(page);
    if (there == old_signature) {
        print(why, "it has the old format, {}; mkswap makes the new one", old_signature);
    } else if (there.starts_with(suspended_signature)) {
        print(why, "it holds the memory of a suspended system");
    } else {
        print(why, "it has no swap signature; mkswap makes one");
    }
    return fail(Error::malformed);
}

} // namespace

Result<SwapHeader> read_swap_header(PageWords page, std::uint32_t store_pages, Sink& why) {
    if (signature_of(page) != signature) {
        return refuse_signature(page, why);
    }
    if (page[version_at] == std::byteswap(only_version)) {
        print(why, "it was made on a machine of the other byte order");
        return fail(Error::malformed);
    }
    if (page[version_at] != only_version) {
        print(why, "its version is {}, and {} is known", page[version_at], only_version);
        return fail(Error::malformed);
    }
    SwapHeader header;
    const std::uint32_t last = page[last_page_at];
    const std::uint32_t bad_count = page[bad_count_at];
    if (last == 0 || last >= store_pages) {
        print(why, "it says that its last page is number {}, and there are {}", last, store_pages);
        return fail(Error::malformed);
    }
    if (bad_count > SwapHeader::most_bad_pages) {
        print(why, "it says that {} of its pages are bad; it can name {}", bad_count, SwapHeader::most_bad_pages);
        return fail(Error::malformed);
    }
    header.bad = page.subspan(bad_pages_at, bad_count);
    for (const std::uint32_t bad : header.bad) {
        if (bad == 0 || bad > last) {
            print(why, "it says that page {} is bad, which it does not have", bad);
            return fail(Error::malformed);
        }
    }
    header.pages = std::min(last, SwapSlot::most_numbers - 1) + 1;
    if (header.pages <= last) {
        print(why, "of its {} pages the first {} are used", last + 1, header.pages);
    }
    return header;
}

} // namespace quire
