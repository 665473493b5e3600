// Writing a new program's stack, from the top down: texts first, then the words that point to them.
#include "kernel/process/exec/program_stack.h"

#include "kernel/machine/devices.h"

#include <algorithm>
#include <elf.h>

namespace quire {

namespace {

constexpr std::string_view platform("i686\0", 5);
constexpr std::uint32_t stack_alignment = 16; // of ESP at the entry; System V ABI, Intel386 supplement
constexpr std::uint32_t word_size = 4;
constexpr std::uint32_t most_vector_entries = 20;

// Writes words upwards, some at a time.
class WordWriter {
public:
    WordWriter(AddressSpace& space, VirtAddr at) : space_(&space), at_(at) {}

    // Called some forty times in a row: never inlined.
    [[gnu::noinline]] void put(std::uint32_t word) {
        words_[count_++] = word;
        if (count_ == words_.size()) {
            flush();
        }
    }
    // Addresses of the texts in `block`, which lies at `start`, and a 0 behind them.
    void put_texts(std::span<const char> block, VirtAddr start) {
        bool begins = true;
        for (std::size_t at = 0; at < block.size(); ++at) {
            if (begins) {
                put(start.value() + static_cast<std::uint32_t>(at));
            }
            begins = block[at] == '\0';
        }
        put(0);
    }
    void put_entry(std::uint32_t type, std::uint32_t value) {
        put(type);
        put(value);
    }
    Result<void> finish() {
        flush();
        return result_;
    }

private:
    void flush() {
        if (result_ && count_ != 0) {
            result_ = space_->write(at_, std::as_bytes(std::span(words_).first(count_)));
        }
        at_ = at_ + count_ * word_size;
        count_ = 0;
    }

    AddressSpace* space_;
    VirtAddr at_;
    std::array<std::uint32_t, 64> words_{};
    std::uint32_t count_ = 0;
    Result<void> result_;
};

void put_vector(WordWriter& out, const ProgramFacts& facts, VirtAddr random, VirtAddr path, VirtAddr its_platform) {
    out.put_entry(AT_HWCAP, facts.processor_features);
    out.put_entry(AT_PAGESZ, page_size);
    out.put_entry(AT_CLKTCK, machine::ticks_per_second);
    if (facts.headers != VirtAddr()) {
        out.put_entry(AT_PHDR, facts.headers.value());
        out.put_entry(AT_PHENT, sizeof(Elf32_Phdr));
        out.put_entry(AT_PHNUM, facts.header_count);
    }
    out.put_entry(AT_BASE, facts.interpreter_base.value());
    out.put_entry(AT_FLAGS, 0);
    out.put_entry(AT_ENTRY, facts.entry.value());
    out.put_entry(AT_UID, 0);
    out.put_entry(AT_EUID, 0);
    out.put_entry(AT_GID, 0);
    out.put_entry(AT_EGID, 0);
    out.put_entry(AT_SECURE, 0);
    out.put_entry(AT_RANDOM, random.value());
    out.put_entry(AT_EXECFN, path.value());
    out.put_entry(AT_PLATFORM, its_platform.value());
    out.put_entry(AT_NULL, 0);
}

std::uint32_t size_of(std::span<const char> text) {
    return static_cast<std::uint32_t>(text.size());
}

} // namespace

std::uint32_t program_stack_size(const ArgumentBlock& block, const ProgramFacts& facts) {
    const std::uint32_t texts = size_of(block.arguments) + size_of(block.environment) + size_of(facts.path) + 1 +
                                size_of(platform) + static_cast<std::uint32_t>(sizeof(facts.random)) + word_size;
    const std::uint32_t words = 1 + block.argument_count + 1 + block.environment_count + 1 + 2 * most_vector_entries;
    return texts + words * word_size + 2 * stack_alignment;
}

Result<ProgramStack> write_program_stack(AddressSpace& space, VirtAddr top, const ArgumentBlock& block,
                                         const ProgramFacts& facts) {
    ProgramStack stack;
    VirtAddr at = top - word_size; // a last word of zeros, as Linux leaves one
    Result<void> written;
    const auto push = [&](std::span<const std::byte> bytes) {
        at = at - static_cast<std::uint32_t>(bytes.size());
        if (written) {
            written = space.write(at, bytes);
        }
        return at;
    };
    const std::array<std::byte, 1> nul{};
    push(nul);
    const VirtAddr path = push(std::as_bytes(std::span(facts.path)));
    stack.environment_end = at;
    stack.environment_start = push(std::as_bytes(block.environment));
    stack.arguments_end = at;
    stack.arguments_start = push(std::as_bytes(block.arguments));
    const VirtAddr its_platform = push(std::as_bytes(std::span(platform)));
    at = VirtAddr(at.value() & ~(stack_alignment - 1));
    const VirtAddr random = push(std::as_bytes(std::span(facts.random)));
    if (!written) {
        return fail(written.error());
    }
    const std::uint32_t words = 1 + block.argument_count + 1 + block.environment_count + 1 + 2 * most_vector_entries;
    stack.pointer = VirtAddr((at.value() - words * word_size) & ~(stack_alignment - 1));
    WordWriter out(space, stack.pointer);
    out.put(block.argument_count);
    out.put_texts(block.arguments, stack.arguments_start);
    out.put_texts(block.environment, stack.environment_start);
    put_vector(out, facts, random, path, its_platform);
    if (const auto finished = out.finish(); !finished) {
        return fail(finished.error());
    }
    return stack;
}

} // namespace quire
