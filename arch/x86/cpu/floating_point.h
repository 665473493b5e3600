// The processor's floating-point unit: switched on once, its registers saved and loaded for whoever asks. The kernel
// computes nothing with it (it is compiled with -mgeneral-regs-only), so they are always some program's.
#pragma once

#include "kernel/machine/cpu.h"
#include "kernel/machine/user.h"

#include <cstdint>

namespace quire::machine {

class FloatingPoint {
public:
    // Lets ring 3 use x87 and, where there is SSE, XMM registers; their exceptions arrive at vectors 16 and 19.
    void start(const CpuFeatures& features);

    [[nodiscard]] FpuState initial_state() const;
    void save(FpuState& state) const;
    void restore(const FpuState& state) const;

    // Exceptions that were raised and are not masked: bits of float_exception.
    [[nodiscard]] static std::uint32_t raised_by_x87();
    [[nodiscard]] static std::uint32_t raised_by_simd();

    // The bits of MXCSR that the processor has; others must never be loaded. Intel SDM vol. 1 §11.6.6.
    [[nodiscard]] std::uint32_t mxcsr_mask() const { return mxcsr_mask_; }

private:
    bool fxsave_ = false;
    std::uint32_t mxcsr_mask_ = 0;
};

} // namespace quire::machine
