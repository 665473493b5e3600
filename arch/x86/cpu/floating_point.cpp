// CR4's control bits and the two ways of saving; CR0's were set by boot/entry.asm. Intel SDM vol. 3A §2.5, §9.2, §13.1.
#include "arch/x86/cpu/floating_point.h"

#include "arch/x86/cpu/registers.h"

#include <cstring>

namespace quire::machine {

namespace {

constexpr std::uint32_t initial_control_word = 0x37F, initial_mxcsr = 0x1F80; // all exceptions masked
constexpr std::size_t mxcsr_at = 24, mxcsr_mask_at = 28;                      // in FXSAVE's image

template <class T> void put(FpuState& state, std::size_t offset, T value) {
    std::memcpy(state.bytes.data() + offset, &value, sizeof value);
}

void fxsave(FpuState& state) {
    asm volatile("fxsave %0" : "=m"(state) : : "memory");
}

} // namespace

void FloatingPoint::start(const CpuFeatures& features) {
    fxsave_ = features.fxsave;
    if (fxsave_) {
        write_cr4(read_cr4() | cr4::fxsave | (features.sse ? cr4::simd_exceptions : 0));
    }
    asm volatile("fninit");
    if (features.sse) {
        constexpr std::uint32_t mask_where_none_is_given = 0xFFBF;
        FpuState probe;
        fxsave(probe);
        std::memcpy(&mxcsr_mask_, probe.bytes.data() + mxcsr_mask_at, sizeof mxcsr_mask_);
        mxcsr_mask_ = mxcsr_mask_ != 0 ? mxcsr_mask_ : mask_where_none_is_given;
    }
}

FpuState FloatingPoint::initial_state() const {
    FpuState state;
    if (fxsave_) {
        put<std::uint16_t>(state, 0, initial_control_word);
        put<std::uint32_t>(state, mxcsr_at, initial_mxcsr);
        return state; // FXSAVE's tag word is 0 for empty registers
    }
    constexpr std::uint32_t unused = 0xFFFF0000;
    put<std::uint32_t>(state, 0, unused | initial_control_word);
    put<std::uint32_t>(state, 4, unused);     // status
    put<std::uint32_t>(state, 8, 0xFFFFFFFF); // tags: all empty
    return state;
}

// FNSAVE leaves the unit as FNINIT does.
void FloatingPoint::save(FpuState& state) const {
    if (fxsave_) {
        fxsave(state);
    } else {
        asm volatile("fnsave %0\n frstor %0" : "+m"(state) : : "memory");
    }
}

// FRSTOR, unlike all the other instructions here, first waits for an exception that is pending: one that the program
// before had raised would be the kernel's own (Intel SDM vol. 1 §8.7). FNCLEX drops it.
void FloatingPoint::restore(const FpuState& state) const {
    if (fxsave_) {
        asm volatile("fxrstor %0" : : "m"(state) : "memory");
    } else {
        asm volatile("fnclex\n frstor %0" : : "m"(state) : "memory");
    }
}

std::uint32_t FloatingPoint::raised_by_x87() {
    std::uint16_t control = 0; // NOLINT(misc-const-correctness): the assembly writes it
    std::uint16_t status = 0;  // NOLINT(misc-const-correctness): the assembly writes it
    asm volatile("fnstcw %0\n fnstsw %1" : "=m"(control), "=m"(status));
    return status & ~std::uint32_t{control} & float_exception::all;
}

std::uint32_t FloatingPoint::raised_by_simd() {
    constexpr std::uint32_t masks_shift = 7;
    std::uint32_t mxcsr = 0; // NOLINT(misc-const-correctness): the assembly writes it
    asm volatile("stmxcsr %0" : "=m"(mxcsr));
    return mxcsr & ~(mxcsr >> masks_shift) & float_exception::all;
}

} // namespace quire::machine
