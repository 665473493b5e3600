// What a signal handler finds on its stack, byte for byte as Linux lays it out on the i386: sigframe_ia32 and
// rt_sigframe_ia32 of arch/x86/include/asm/sigframe.h, whose parts are UAPI's <asm/sigcontext.h>, <asm/ucontext.h> and
// <asm-generic/siginfo.h>. Programs, unwinders and debuggers know these offsets. Above either frame lie the
// floating-point registers (kernel/machine/signal_fpu.h).
#pragma once

#include "kernel/machine/signal_fpu.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace quire::signal_frame {

struct Registers { // struct sigcontext_32
    std::uint32_t gs = 0, fs = 0, es = 0, ds = 0;
    std::uint32_t edi = 0, esi = 0, ebp = 0, esp = 0, ebx = 0, edx = 0, ecx = 0, eax = 0;
    std::uint32_t trap = 0, error_code = 0;
    std::uint32_t eip = 0, cs = 0, eflags = 0, esp_at_signal = 0, ss = 0;
    std::uint32_t fpu_state = 0; // where it lies; 0: there is none
    std::uint32_t old_mask = 0, fault_address = 0;
};
static_assert(sizeof(Registers) == 88);

using Code = std::array<std::byte, 8>; // instructions that make the system call to return by

constexpr Code code_of(std::initializer_list<std::uint8_t> bytes) {
    Code code{};
    std::size_t at = 0;
    for (const std::uint8_t byte : bytes) {
        code[at++] = std::byte{byte};
    }
    return code;
}
// Both lie in the page that handlers without a restorer return through, and in the frames, where debuggers recognise
// those by them.
inline constexpr Code plain_code =
    code_of({0x58, 0xB8, 119, 0, 0, 0, 0xCD, 0x80}); // pop eax; mov eax, __NR_sigreturn; int 0x80
inline constexpr Code information_code =
    code_of({0xB8, 173, 0, 0, 0, 0xCD, 0x80}); // mov eax, __NR_rt_sigreturn; int 0x80

struct Plain {
    std::uint32_t return_address = 0;
    std::uint32_t number = 0; // the handler's argument
    Registers registers;
    machine::SignalFpuState unused_fpu_state; // kept by Linux for programs that compute where things lie
    std::uint32_t high_mask = 0;              // signals 33 … 64; the others are registers.old_mask
    Code code{};
};
static_assert(sizeof(Plain) == 8 + 88 + 624 + 4 + 8);

struct Information { // siginfo_t
    std::int32_t number = 0, error = 0, code = 0;
    std::array<std::uint32_t, 29> fields{};
};
static_assert(sizeof(Information) == 128);

struct Stack { // stack_t
    std::uint32_t start = 0, flags = 0, size = 0;
};

struct Context { // struct ucontext_ia32
    std::uint32_t flags = 0, link = 0;
    Stack stack;
    Registers registers;
    std::uint32_t low_mask = 0, high_mask = 0;
};
static_assert(sizeof(Context) == 116);

struct WithInformation {
    std::uint32_t return_address = 0;
    std::uint32_t number = 0; // the handler's three arguments
    std::uint32_t information_address = 0, context_address = 0;
    Information information;
    Context context;
    Code code{};
};
static_assert(sizeof(WithInformation) == 16 + 128 + 116 + 8);
static_assert(offsetof(WithInformation, context) == 144);

} // namespace quire::signal_frame
