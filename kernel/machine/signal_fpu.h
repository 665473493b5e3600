// The floating-point registers as a signal's frame holds them: struct _fpstate_32 of Linux (UAPI <asm/sigcontext.h>).
// First the FNSAVE image that every i386 program knows, then, where the processor has it, FXSAVE's, with the XMM
// registers. What comes back from a program is checked before the processor sees it.
#pragma once

#include "kernel/machine/user.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace quire::machine {

struct SignalFpuState {
    std::array<std::byte, 108> legacy{};
    std::uint16_t status = 0;
    std::uint16_t magic = 0; // 0: `extended` is there; 0xFFFF: it is not
    std::array<std::byte, 512> extended{};

    static constexpr std::uint32_t legacy_size = 112; // without `extended`
};
static_assert(sizeof(SignalFpuState) == 624);

// Which of it this processor uses: all, or SignalFpuState::legacy_size bytes.
[[nodiscard]] std::uint32_t signal_fpu_size();

// The registers as they are now.
[[nodiscard]] SignalFpuState save_fpu_for_signal();
// Loads what a program made of such a state: where both images say something, the legacy one counts. False, and nothing
// is loaded, where it sets bits that the processor does not have.
[[nodiscard]] bool restore_fpu_of_signal(const SignalFpuState& state);

// --- The same without a processor; `fxsave`: the state is FXSAVE's.
[[nodiscard]] SignalFpuState to_signal(const FpuState& state, bool fxsave);
// `mxcsr_mask`: the bits of MXCSR that there are. Changes `state` only where it returns true.
[[nodiscard]] bool from_signal(const SignalFpuState& frame, bool fxsave, std::uint32_t mxcsr_mask, FpuState& state);

} // namespace quire::machine
