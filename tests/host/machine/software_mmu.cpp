// The walk, the rights and the bits it sets.
#include "tests/host/machine/software_mmu.h"

#include <array>
#include <cstdio>
#include <optional>

namespace quire::test {

// What a walk came to: a translation, and the entries it went through, to set bits in.
struct SoftwareMmu::Found {
    CachedTranslation translation;
    std::uint32_t directory_index = 0;
    PhysAddr pde_at;
    Pde pde;
    bool pde_was_copied = false;    // not read from memory this time, and so not written either
    std::optional<PhysAddr> pte_at; // none under a 4 MiB page
};

namespace {

constexpr PhysAddr frame_address(Frame frame, VirtAddr address, bool large) {
    const std::uint32_t mask = large ? large_page_size - 1 : page_size - 1;
    return frame.start() + (address.value() & mask);
}

void set_bit(Ram& ram, PhysAddr at, EntryField field) {
    ram.set_word(at, Pde(ram.word(at)).with(field, 1).raw());
}

} // namespace

// §4.6.1, without protection keys and execute-disable, which 32-bit paging lacks.
bool SoftwareMmu::allows(const CachedTranslation& translation, Access access, Ring ring) const {
    if (ring == Ring::user) {
        return translation.user && (access != Access::write || translation.writable);
    }
    if (access == Access::fetch) {
        return !translation.user || !controls_.smep;
    }
    if (translation.user && controls_.smap && !controls_.access_user) {
        return false;
    }
    return access == Access::read || translation.writable || !controls_.write_protect;
}

// §4.7: without PAE, the fetch bit is reported only under SMEP.
std::uint32_t SoftwareMmu::code_for(Access access, Ring ring) const {
    std::uint32_t code = 0;
    code |= access == Access::write ? fault_code::write : 0;
    code |= ring == Ring::user ? fault_code::user : 0;
    code |= access == Access::fetch && controls_.smep ? fault_code::fetch : 0;
    return code;
}

// Goes through both levels. On failure returns the bits of the error code that the walk itself decides.
std::expected<SoftwareMmu::Found, std::uint32_t> SoftwareMmu::walk(VirtAddr address) {
    ++walks_;
    return walk_from(address, tlb_.directory_entry(address.value() >> large_page_shift));
}

// The same from a copy of the directory entry, if there is one.
std::expected<SoftwareMmu::Found, std::uint32_t> SoftwareMmu::walk_from(VirtAddr address,
                                                                        std::optional<Pde> copy) const {
    const std::uint32_t index = address.value() >> large_page_shift;
    Found found{.translation = {},
                .directory_index = index,
                .pde_at = directory_ + index * 4,
                .pde = {},
                .pde_was_copied = false,
                .pte_at = {}};
    found.pde_was_copied = copy.has_value();
    found.pde = copy ? *copy : Pde(ram_->word(found.pde_at));
    if (!found.pde.present()) {
        return std::unexpected(0U);
    }
    const Page page = Page::containing(address);
    if (found.pde.maps_large_page() && controls_.large_pages) {
        if (found.pde.wrong_bits(EntryKind::large_page) != 0) {
            return std::unexpected(fault_code::present | fault_code::reserved);
        }
        found.translation = {.page = Page(page.number() / frames_per_large_page * frames_per_large_page),
                             .frame = found.pde.large_frame(),
                             .large = true,
                             .writable = found.pde.writable(),
                             .user = found.pde.user(),
                             .global = found.pde.global() && controls_.global_pages,
                             .dirty = found.pde.dirty()};
        return found;
    }
    found.pte_at = found.pde.frame().start() + page.number() % entries_per_table * 4;
    const Pte pte(ram_->word(*found.pte_at));
    if (!pte.present()) {
        return std::unexpected(0U);
    }
    found.translation = {.page = page,
                         .frame = pte.frame(),
                         .large = false,
                         .writable = found.pde.writable() && pte.writable(),
                         .user = found.pde.user() && pte.user(),
                         .global = pte.global() && controls_.global_pages,
                         .dirty = pte.dirty()};
    return found;
}

// §4.8: accessed in every entry used, dirty in the last one on a write.
void SoftwareMmu::mark_used(const Found& found, Access access) {
    const PhysAddr last = found.pte_at.value_or(found.pde_at);
    if (!found.pde_was_copied) {
        set_bit(*ram_, found.pde_at, EntryField::accessed);
    }
    set_bit(*ram_, last, EntryField::accessed);
    if (access == Access::write) {
        set_bit(*ram_, last, EntryField::dirty);
    }
}

std::expected<PhysAddr, PageFault> SoftwareMmu::translate(VirtAddr address, Access access, Ring ring) {
    if (!controls_.paging) {
        return PhysAddr(address.value());
    }
    const Page page = Page::containing(address);
    const auto fault = [&](std::uint32_t code) {
        tlb_.invalidate(page); // §4.10.4.1: a page fault drops what was cached of the page
        return std::unexpected(PageFault{address, code | code_for(access, ring)});
    };
    if (const CachedTranslation* const cached = tlb_.find(page)) {
        if (!allows(*cached, access, ring)) {
            return fault(fault_code::present);
        }
        if (access != Access::write || cached->dirty) {
            return frame_address(cached->frame, address, cached->large);
        }
    }
    auto found = walk(address);
    if (!found) {
        return fault(found.error());
    }
    if (!allows(found->translation, access, ring)) {
        return fault(fault_code::present);
    }
    if (!found->translation.large && !found->pde_was_copied) {
        tlb_.insert_directory_entry(found->directory_index, found->pde);
    }
    mark_used(*found, access);
    found->translation.dirty = found->translation.dirty || access == Access::write;
    tlb_.insert(found->translation);
    return frame_address(found->translation.frame, address, found->translation.large);
}

std::string SoftwareMmu::contradiction() const {
    std::string found;
    const auto say = [&](const char* what, std::uint32_t number, const char* why) {
        std::array<char, 160> text{};
        std::snprintf(text.data(), text.size(), "the TLB's %s %#x %s", what, number, why);
        found = text.data();
    };
    tlb_.for_each_directory_entry([&](std::uint32_t index, Pde copy) {
        const Pde pde(ram_->word(directory_ + index * 4));
        if (!pde.present() || pde.maps_large_page() || pde.frame() != copy.frame()) {
            say("copy of directory entry", index, "points to a table that the directory does not point to");
        } else if ((copy.writable() && !pde.writable()) || (copy.user() && !pde.user())) {
            say("copy of directory entry", index, "allows more than the directory does");
        }
    });
    tlb_.for_each_translation([&](const CachedTranslation& cached) {
        const std::uint32_t address = cached.page.start().value();
        const auto now = walk_from(cached.page.start(), std::nullopt);
        if (!now) {
            say("translation of", address, "is in no table");
        } else if (const CachedTranslation& right = now->translation;
                   right.frame + (cached.page - right.page) != cached.frame) {
            say("translation of", address, "leads to another frame than the tables do");
        } else if ((cached.writable && !right.writable) || (cached.user && !right.user)) {
            say("translation of", address, "allows more than the tables do");
        }
    });
    return found;
}

void SoftwareMmu::load_directory(PhysAddr directory) {
    directory_ = PhysAddr(directory.value() & ~(page_size - 1));
    tlb_.flush();
}

void SoftwareMmu::set_controls(const Controls& controls) {
    if (controls.global_pages != controls_.global_pages || controls.large_pages != controls_.large_pages ||
        controls.paging != controls_.paging) {
        tlb_.flush_global();
    }
    controls_ = controls;
}

} // namespace quire::test
