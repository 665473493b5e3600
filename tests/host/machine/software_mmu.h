// Translation as the processor does it (Intel SDM vol. 3A §4.3, §4.6 to §4.8): two levels of 32-bit entries in
// physical memory, access rights, accessed and dirty bits, fault codes; a TLB in front that is not told anything by
// itself. It raises nothing: a fault is a value.
#pragma once

#include "kernel/machine/address.h"
#include "tests/host/machine/ram.h"
#include "tests/host/machine/software_tlb.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace quire::test {

enum class Access : std::uint8_t { read, write, fetch };
enum class Ring : std::uint8_t { kernel, user }; // supervisor mode and user mode, CPL < 3 and CPL = 3

// The control bits that translation obeys.
struct Controls {
    bool paging = false;       // CR0.PG
    bool write_protect = true; // CR0.WP
    bool large_pages = true;   // CR4.PSE
    bool global_pages = false; // CR4.PGE
    bool smep = false;         // CR4.SMEP
    bool smap = false;         // CR4.SMAP
    bool access_user = false;  // EFLAGS.AC: lifts SMAP
};

// The page-fault error code. §4.7.
namespace fault_code {
inline constexpr std::uint32_t present = 1, write = 2, user = 4, reserved = 8, fetch = 16;
}

struct PageFault {
    VirtAddr address; // CR2
    std::uint32_t code = 0;

    friend bool operator==(PageFault, PageFault) = default;
};

class SoftwareMmu {
public:
    explicit SoftwareMmu(Ram& ram) : ram_(&ram) {}

    // Where an access of one byte goes. Sets accessed and dirty bits where the access is allowed. O(1): the TLB, or two
    // words of memory.
    [[nodiscard]] std::expected<PhysAddr, PageFault> translate(VirtAddr address, Access access, Ring ring);

    // MOV to CR3, and to CR4.PGE.
    void load_directory(PhysAddr directory);
    [[nodiscard]] PhysAddr directory() const { return directory_; }
    void set_controls(const Controls& controls);
    [[nodiscard]] const Controls& controls() const { return controls_; }

    [[nodiscard]] SoftwareTlb& tlb() { return tlb_; }
    [[nodiscard]] const SoftwareTlb& tlb() const { return tlb_; }
    // What the TLB has that the loaded tables do not say: a translation to another frame or to none, one that allows
    // more, a copy of a directory entry that points elsewhere. Empty where all agrees. One that allows less is right:
    // the fault that it leads to is spurious. It changes nothing. O(TLB).
    [[nodiscard]] std::string contradiction() const;
    // Look-ups that the TLB could not answer.
    [[nodiscard]] std::uint64_t walks() const { return walks_; }

private:
    struct Found; // what a walk came to

    [[nodiscard]] std::expected<Found, std::uint32_t> walk(VirtAddr address);
    [[nodiscard]] std::expected<Found, std::uint32_t> walk_from(VirtAddr address, std::optional<Pde> copy) const;
    [[nodiscard]] bool allows(const CachedTranslation& translation, Access access, Ring ring) const;
    [[nodiscard]] std::uint32_t code_for(Access access, Ring ring) const;
    void mark_used(const Found& found, Access access);

    Ram* ram_;
    Controls controls_;
    PhysAddr directory_;
    SoftwareTlb tlb_;
    std::uint64_t walks_ = 0;
};

} // namespace quire::test
