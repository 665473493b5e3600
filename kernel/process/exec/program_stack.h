// What a program finds on its stack when it begins: argument count, arguments, environment and the auxiliary vector.
// System V ABI, Intel386 supplement, "Process Initialization"; the vector's types are those of <elf.h>.
#pragma once

#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/process/exec/exec.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace quire {

// What the kernel tells a new program beside its arguments.
struct ProgramFacts {
    VirtAddr headers;                      // AT_PHDR
    std::uint32_t header_count = 0;        // AT_PHNUM
    VirtAddr interpreter_base;             // AT_BASE; 0 where there is none
    VirtAddr entry;                        // AT_ENTRY: the program's own
    std::uint32_t processor_features = 0;  // AT_HWCAP: CPUID.1:EDX
    std::array<std::uint32_t, 4> random{}; // AT_RANDOM: 16 bytes
    std::string_view path;                 // AT_EXECFN
};

// Where everything came to lie.
struct ProgramStack {
    VirtAddr pointer; // ESP at the first instruction: argc is there
    VirtAddr arguments_start, arguments_end, environment_start, environment_end;
};

// Bytes that the stack of such a program begins with: at most.
[[nodiscard]] std::uint32_t program_stack_size(const ArgumentBlock& block, const ProgramFacts& facts);

// Writes it below `top`, where `space` has a stack with room for program_stack_size(). Errors: the space's. O(size).
[[nodiscard]] Result<ProgramStack> write_program_stack(AddressSpace& space, VirtAddr top, const ArgumentBlock& block,
                                                       const ProgramFacts& facts);

} // namespace quire
