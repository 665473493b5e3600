// Scripts: files that name, in a first line "#!INTERPRETER [ARGUMENT]", the program that runs them. The interpreter is
// given that argument and the script's path in place of the first argument. execve(2), "Interpreter scripts".
#pragma once

#include "kernel/lib/result.h"
#include "kernel/memory/heap/kernel_heap.h"
#include "kernel/process/exec/elf.h"
#include "kernel/process/exec/exec.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace quire {

class ScriptArguments {
public:
    static constexpr std::uint32_t most_nested = 5; // interpreters that are scripts; Linux's BINPRM_MAX_RECURSION + 1
    static constexpr std::size_t longest_line = 255;

    // Begins with what exec was given; the block's texts must live as long as this.
    ScriptArguments(KernelHeap& heap, const ArgumentBlock& block) : heap_(&heap), block_(block) {}
    ScriptArguments(const ScriptArguments&) = delete;
    ScriptArguments& operator=(const ScriptArguments&) = delete;
    ~ScriptArguments() { must_succeed(heap_->free(text_)); }

    // Whether the file is a script; then its interpreter and arguments are those that follow. `path` is the script's.
    // Errors: too_many_links (a script run by scripts), not_executable (no interpreter is named, or the line is too
    // long), out_of_memory; the reader's.
    [[nodiscard]] Result<bool> read_first_line(ImageReader& file, std::string_view path);

    [[nodiscard]] std::string_view interpreter() const { return interpreter_.data(); }
    [[nodiscard]] const ArgumentBlock& block() const { return block_; }

private:
    Result<void> put_in_front(std::string_view interpreter, std::string_view argument, std::string_view path);

    KernelHeap* heap_;
    ArgumentBlock block_;
    char* text_ = nullptr; // of the arguments, once they are not the caller's any more
    std::array<char, longest_line + 1> interpreter_{};
    std::uint32_t nested_ = 0;
};

} // namespace quire
