// The software MMU does what the manual says, checked against rules transcribed from its text, one sentence each; and
// its TLB goes stale exactly where hardware's may.
#include "tests/host/machine/software_mmu.h"

#include <catch2/catch.hpp>
#include <optional>

namespace quire::test {
namespace {

constexpr PhysAddr directory{0x1000};
constexpr PhysAddr table{0x2000};
constexpr std::uint32_t pde_index = 5, pte_index = 7;
constexpr VirtAddr page_address{(pde_index << 22) | (pte_index << 12)};

struct Memory {
    Ram ram{16U << 20};
    SoftwareMmu mmu{ram};

    Memory() { use({.paging = true}); }
    void use(Controls controls) {
        mmu.set_controls(controls);
        mmu.load_directory(directory);
    }
    void set_pde(std::uint32_t word) { ram.set_word(directory + pde_index * 4, word); }
    void set_pte(std::uint32_t word) { ram.set_word(table + pte_index * 4, word); }
    std::uint32_t pde() { return ram.word(directory + pde_index * 4); }
    std::uint32_t pte() { return ram.word(table + pte_index * 4); }

    // The error code of an access, or nothing if it went through.
    std::optional<std::uint32_t> code(Access access, Ring ring, VirtAddr address = page_address) {
        const auto result = mmu.translate(address, access, ring);
        if (result) {
            return {};
        }
        CHECK(result.error().address == address);
        return result.error().code;
    }
    bool reads(VirtAddr address = page_address) { return !code(Access::read, Ring::kernel, address); }
};

// Intel SDM vol. 3A §4.6.1, the bullets that apply to 32-bit paging, in the manual's order and words. `user_address`:
// the U/S flag is 1 in every entry; `all_writable`: the R/W flag is 1 in every entry.
bool manual_allows(Access access, Ring ring, bool user_address, bool all_writable, const Controls& c) {
    if (ring == Ring::kernel) { // "For supervisor-mode accesses"
        switch (access) {
        case Access::read:
            if (!user_address) {
                return true; // "Data may be read (implicitly or explicitly) from any supervisor-mode address"
            }
            if (!c.smap) {
                return true; // "If CR4.SMAP = 0, data may be read from any user-mode address"
            }
            return c.access_user; // "If CR4.SMAP = 1": "If EFLAGS.AC = 1 and the access is explicit, data may be read"
        case Access::write:
            if (!user_address) {
                // "If CR0.WP = 0, data may be written to any supervisor-mode address"; "If CR0.WP = 1, data may be
                // written to any supervisor-mode address with a translation for which the R/W flag is 1 in every entry"
                return !c.write_protect || all_writable;
            }
            if (!c.write_protect) {
                return !c.smap || c.access_user; // "If CR0.WP = 0": the two SMAP cases as for reads
            }
            // "If CR0.WP = 1", "If CR4.SMAP = 0": "… R/W flag is 1 in every entry"; "If CR4.SMAP = 1": that and AC
            return all_writable && (!c.smap || c.access_user);
        case Access::fetch:
            // "For 32-bit paging … instructions may be fetched from any supervisor-mode address"; from user-mode
            // addresses: "If CR4.SMEP = 0 …" they may, "If CR4.SMEP = 1, instructions may not be fetched"
            return !user_address || !c.smep;
        }
    }
    if (!user_address) {
        return false; // "Data may not be read / written …": "Instructions may not be fetched from supervisor-mode"
    }
    return access != Access::write || all_writable; // "R/W flag is 1 in every … entry controlling the translation"
}

// §4.7, figure 4-12, bit by bit.
std::uint32_t manual_code(bool present, Access access, Ring ring, const Controls& c) {
    std::uint32_t code = 0;
    code |= present ? 1U << 0 : 0;
    code |= access == Access::write ? 1U << 1 : 0;
    code |= ring == Ring::user ? 1U << 2 : 0;
    code |= access == Access::fetch && c.smep ? 1U << 4 : 0; // "(CR4.PAE = 1 and EFER.NXE = 1) or CR4.SMEP = 1"
    return code;
}

Controls controls_from(unsigned bits) {
    return {.paging = true,
            .write_protect = (bits & 1) != 0,
            .smep = (bits & 2) != 0,
            .smap = (bits & 4) != 0,
            .access_user = (bits & 8) != 0};
}

constexpr std::array<Access, 3> all_accesses{Access::read, Access::write, Access::fetch};
constexpr std::array<Ring, 2> both_rings{Ring::kernel, Ring::user};

TEST_CASE("access rights are the manual's, for every combination of bits", "[machine][mmu]") {
    for (unsigned control_bits = 0; control_bits < 16; ++control_bits) {
        for (unsigned rights = 0; rights < 16; ++rights) {
            const unsigned pde_rights = rights & 3, pte_rights = rights >> 2; // bit 0 R/W, bit 1 U/S
            const Controls controls = controls_from(control_bits);
            for (const Access access : all_accesses) {
                for (const Ring ring : both_rings) {
                    Memory memory;
                    memory.use(controls);
                    memory.set_pde(table.value() | pde_rights << 1 | 1);
                    memory.set_pte(0x00345001 | pte_rights << 1);
                    const unsigned both = pde_rights & pte_rights;
                    const bool allowed = manual_allows(access, ring, (both & 2) != 0, (both & 1) != 0, controls);
                    CAPTURE(control_bits, pde_rights, pte_rights, static_cast<int>(access), static_cast<int>(ring));
                    const auto code = memory.code(access, ring);
                    CHECK(!code == allowed);
                    if (code) {
                        CHECK(*code == manual_code(true, access, ring, controls));
                    }
                }
            }
        }
    }
}

TEST_CASE("a 4 MiB page's rights are its directory entry's alone", "[machine][mmu]") {
    for (unsigned control_bits = 0; control_bits < 16; ++control_bits) {
        for (unsigned rights = 0; rights < 4; ++rights) {
            const Controls controls = controls_from(control_bits);
            for (const Access access : all_accesses) {
                for (const Ring ring : both_rings) {
                    Memory memory;
                    memory.use(controls);
                    memory.set_pde(0x00400081 | rights << 1);
                    CAPTURE(control_bits, rights, static_cast<int>(access), static_cast<int>(ring));
                    CHECK(!memory.code(access, ring) ==
                          manual_allows(access, ring, (rights & 2) != 0, (rights & 1) != 0, controls));
                }
            }
        }
    }
}

TEST_CASE("an entry that is not present faults with bit 0 clear, whatever its other bits", "[machine][mmu]") {
    for (const Access access : all_accesses) {
        for (const Ring ring : both_rings) {
            Memory memory;
            memory.set_pde(0xFFFFFFFE);
            CHECK(memory.code(access, ring) == manual_code(false, access, ring, memory.mmu.controls()));
            memory.set_pde(table.value() | 7);
            memory.set_pte(0xFFFFFFFE);
            CHECK(memory.code(access, ring) == manual_code(false, access, ring, memory.mmu.controls()));
        }
    }
}

TEST_CASE("reserved bits of a 4 MiB page fault with bits 0 and 3", "[machine][mmu]") {
    for (unsigned bit = 0; bit < 32; ++bit) {
        Memory memory;
        memory.set_pde(0x00400087 | 1U << bit);
        const bool reserved = bit >= 13 && bit <= 21;
        CAPTURE(bit);
        CHECK(memory.code(Access::write, Ring::user) ==
              (reserved
                   ? std::optional(fault_code::present | fault_code::reserved | fault_code::write | fault_code::user)
                   : std::nullopt));
    }
}

TEST_CASE("addresses are cut 10/10/12 and 10/22", "[machine][mmu]") {
    Memory memory;
    memory.set_pde(table.value() | 7);
    memory.set_pte(0x00345007);
    CHECK(memory.mmu.translate(page_address + 0xABC, Access::read, Ring::user) == PhysAddr(0x00345ABC));
    CHECK_FALSE(memory.reads(page_address + page_size));
    CHECK_FALSE(memory.reads(page_address - 1));
    memory.set_pde(0x00800087);
    memory.mmu.tlb().flush_global();
    CHECK(memory.mmu.translate(VirtAddr(pde_index << 22 | 0x3ABCDE), Access::read, Ring::user) == PhysAddr(0x00BABCDE));
}

TEST_CASE("without CR4.PSE bit 7 of a directory entry means nothing", "[machine][mmu]") {
    Memory memory;
    memory.use({.paging = true, .large_pages = false});
    memory.set_pde(table.value() | 0x87);
    memory.set_pte(0x00345007);
    CHECK(memory.mmu.translate(page_address, Access::read, Ring::user) == PhysAddr(0x00345000));
}

TEST_CASE("without paging an address is itself", "[machine][mmu]") {
    Memory memory;
    memory.use({.paging = false});
    CHECK(memory.mmu.translate(VirtAddr(0x12345678), Access::write, Ring::user) == PhysAddr(0x12345678));
}

TEST_CASE("reading sets accessed in both levels, writing also dirty in the last", "[machine][mmu]") {
    Memory memory;
    memory.set_pde(table.value() | 7);
    memory.set_pte(0x00345007);
    CHECK(memory.reads());
    CHECK(memory.pde() == (table.value() | 0x27));
    CHECK(memory.pte() == 0x00345027);
    // The translation is cached without dirty: the write must reach memory all the same.
    CHECK_FALSE(memory.code(Access::write, Ring::user));
    CHECK(memory.pde() == (table.value() | 0x27));
    CHECK(memory.pte() == 0x00345067);

    Memory large;
    large.set_pde(0x00400087);
    CHECK(large.reads());
    CHECK(large.pde() == 0x004000A7);
    CHECK_FALSE(large.code(Access::write, Ring::user));
    CHECK(large.pde() == 0x004000E7);
}

TEST_CASE("an access that faults sets no bits", "[machine][mmu]") {
    Memory memory;
    memory.set_pde(table.value() | 7);
    memory.set_pte(0x00345005);
    CHECK(memory.code(Access::write, Ring::user) == 7U);
    CHECK(memory.pde() == (table.value() | 7));
    CHECK(memory.pte() == 0x00345005);
}

TEST_CASE("bits once cached as set are not set again", "[machine][tlb]") {
    Memory memory;
    memory.set_pde(table.value() | 7);
    memory.set_pte(0x00345007);
    CHECK_FALSE(memory.code(Access::write, Ring::user));
    memory.set_pte(0x00345007); // somebody cleared accessed and dirty and did not flush
    CHECK_FALSE(memory.code(Access::write, Ring::user));
    CHECK(memory.pte() == 0x00345007);
    memory.mmu.tlb().invalidate(Page::containing(page_address));
    CHECK_FALSE(memory.code(Access::write, Ring::user));
    CHECK(memory.pte() == 0x00345067);
}

TEST_CASE("a changed entry is not seen until the TLB is told", "[machine][tlb]") {
    Memory memory;
    memory.set_pde(table.value() | 7);
    memory.set_pte(0x00345007);
    CHECK(memory.reads());

    memory.set_pte(0x00346007); // moved
    CHECK(memory.mmu.translate(page_address, Access::read, Ring::user) == PhysAddr(0x00345000));
    memory.mmu.tlb().invalidate(Page::containing(page_address));
    CHECK(memory.mmu.translate(page_address, Access::read, Ring::user) == PhysAddr(0x00346000));

    memory.set_pte(0); // unmapped
    CHECK(memory.reads());
    memory.mmu.load_directory(directory);
    CHECK_FALSE(memory.reads());

    memory.set_pte(0x00346007); // adding needs no flush: not-present entries are never cached
    CHECK(memory.reads());
}

TEST_CASE("more rights are seen after the fault that lacks them", "[machine][tlb]") {
    Memory memory;
    memory.set_pde(table.value() | 7);
    memory.set_pte(0x00345005);
    CHECK(memory.reads());
    memory.set_pte(0x00345007);
    CHECK(memory.code(Access::write, Ring::user) == 7U);
    CHECK_FALSE(memory.code(Access::write, Ring::user));
}

TEST_CASE("a global translation outlives a CR3 load, not a change of CR4.PGE", "[machine][tlb]") {
    Memory memory;
    for (const bool enabled : {false, true}) {
        memory.use({.paging = true, .global_pages = enabled});
        memory.set_pde(table.value() | 3);
        memory.set_pte(0x00345103);
        CHECK(memory.reads());
        memory.set_pte(0);
        memory.mmu.load_directory(directory);
        CHECK(memory.reads() == enabled);
        memory.mmu.tlb().flush_global();
        CHECK_FALSE(memory.reads());
    }
    memory.set_pte(0x00345103);
    CHECK(memory.reads());
    memory.set_pte(0);
    memory.mmu.tlb().invalidate(Page::containing(page_address)); // INVLPG takes global ones too
    CHECK_FALSE(memory.reads());
}

TEST_CASE("a copied directory entry is used until any flush", "[machine][tlb]") {
    Memory memory;
    memory.set_pde(table.value() | 7);
    memory.set_pte(0x00345007);
    CHECK(memory.reads());
    memory.set_pde(0);
    const VirtAddr neighbour = page_address + page_size;
    memory.ram.set_word(table + (pte_index + 1) * 4, 0x00347007);
    CHECK(memory.reads(neighbour));             // a new translation, through the old copy
    memory.mmu.tlb().invalidate(Page(0x55555)); // INVLPG of anything drops the copies
    CHECK_FALSE(memory.reads(neighbour + page_size));
    CHECK(memory.reads(neighbour)); // but not the other pages' translations
}

TEST_CASE("INVLPG of any address in a 4 MiB page drops it whole", "[machine][tlb]") {
    Memory memory;
    memory.set_pde(0x00400087);
    CHECK(memory.reads());
    memory.set_pde(0);
    CHECK(memory.reads(page_address + 0x100000));
    memory.mmu.tlb().invalidate(Page::containing(page_address) + 50);
    CHECK_FALSE(memory.reads());
}

TEST_CASE("the TLB answers most look-ups of a small working set and counts them", "[machine][tlb]") {
    Memory memory;
    memory.set_pde(table.value() | 7);
    for (std::uint32_t index = 0; index < 100; ++index) {
        memory.ram.set_word(table + index * 4, 0x00300007 + index * page_size);
    }
    const std::uint64_t walks = memory.mmu.walks();
    for (int round = 0; round < 10; ++round) {
        for (std::uint32_t index = 0; index < 100; ++index) {
            CHECK(memory.reads(VirtAddr(pde_index << 22) + index * page_size));
        }
    }
    CHECK(memory.mmu.tlb().counts().look_ups == 1000);
    CHECK(memory.mmu.tlb().counts().hits == 900);
    CHECK(memory.mmu.walks() - walks == 100);
}

TEST_CASE("a full set pushes out its oldest translation", "[machine][tlb]") {
    SoftwareTlb tlb;
    for (std::uint32_t way = 0; way <= SoftwareTlb::ways; ++way) {
        tlb.insert({.page = Page(way * SoftwareTlb::small_sets), .frame = Frame(way)});
    }
    CHECK(tlb.find(Page(0)) == nullptr);
    for (std::uint32_t way = 1; way <= SoftwareTlb::ways; ++way) {
        REQUIRE(tlb.find(Page(way * SoftwareTlb::small_sets)) != nullptr);
        CHECK(tlb.find(Page(way * SoftwareTlb::small_sets))->frame == Frame(way));
    }
}

TEST_CASE("there is no RAM beyond the end of RAM", "[machine]") {
    Ram ram(page_size);
    CHECK_NOTHROW(ram.word(PhysAddr(page_size - 4)));
    CHECK_THROWS_AS(ram.word(PhysAddr(page_size - 3)), std::out_of_range);
    CHECK_THROWS_AS(ram.at(PhysAddr(0xFFFFFFFF)), std::out_of_range);
}

} // namespace
} // namespace quire::test
