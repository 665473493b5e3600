// The guided demo: chapters that try what this kernel does with memory, each step saying what it expects and what
// it saw. A chapter leaves memory as it found it.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/wrap.h"
#include "kernel/memory/memory.h"
#include "kernel/monitor/commands/command.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace quire {

// Tells the demo's story, counts its checks, and hands the chapters what they work on.
class Narrator {
public:
    explicit Narrator(Context& context);

    [[nodiscard]] Context& context() { return *context_; }
    [[nodiscard]] Memory& memory();

    // A paragraph of explanation.
    void tell(std::string_view paragraph);
    // A line of what was found, indented like one, without judging it.
    template <class... Args> void show(FormatString<std::type_identity_t<Args>...> line, const Args&... arguments) {
        constexpr std::size_t indent = 18;
        WrapSink text{context_->out, context_->out.text_width(), indent};
        print(text, "        ");
        print(text, line, arguments...);
        text.write("\n");
    }
    // One step: what was done, what should come of it, whether it did, and what was seen. Returns `holds`.
    template <class... Args>
    bool check(std::string_view step, std::string_view expected, bool holds,
               FormatString<std::type_identity_t<Args>...> seen, const Args&... arguments) {
        std::array<char, 128> buffer{};
        BufferSink text{buffer};
        print(text, seen, arguments...);
        report_check(step, expected, holds, text.text());
        return holds;
    }
    // A step that should be refused with `error`.
    template <class T> bool check_refused(std::string_view step, Error error, const Result<T>& result) {
        return check(step, name_of(error), !result && result.error() == error, "{}",
                     result ? std::string_view("it was done") : name_of(result.error()));
    }

    [[nodiscard]] std::uint32_t checks() const { return checks_; }
    [[nodiscard]] std::uint32_t failures() const { return failures_; }
    // What the audit of the last chapter compares with: frames free at the start, and which ones.
    [[nodiscard]] std::uint32_t free_at_start() const { return free_at_start_; }
    [[nodiscard]] std::uint32_t fingerprint_at_start() const { return fingerprint_at_start_; }

    // What is only kept ready for later becomes free memory, which can be counted.
    void give_back_unused();
    // A number that tells one set of free frames from another.
    [[nodiscard]] std::uint32_t fingerprint_of_free_frames();

private:
    void report_check(std::string_view step, std::string_view expected, bool holds, std::string_view seen);

    Context* context_;
    std::uint32_t checks_ = 0, failures_ = 0;
    std::uint32_t free_at_start_ = 0, fingerprint_at_start_ = 0;
};

// The program of the boot archive that chapters about processes are shown on.
inline constexpr std::string_view lesson_program = "/bin/lesson";

struct DemoChapter {
    std::string_view title;
    void (*play)(Narrator& narrator) = nullptr;
    bool needs_programs = false;    // it runs some in ring 3
    std::uint32_t needs_frames = 0; // free ones
    std::uint32_t needs_slots = 0;  // free ones, for pages on a disk
};
[[nodiscard]] std::span<const DemoChapter> demo_chapters();

// Plays all chapters, or one (from 1). The last line is "demo: N checks, M failed".
[[nodiscard]] Outcome play_demo(Context& context);
[[nodiscard]] Outcome play_demo_chapter(Context& context, std::size_t number);

// The chapters.
void demo_boot(Narrator& narrator);
void demo_frames(Narrator& narrator);
void demo_translation(Narrator& narrator);
void demo_protection(Narrator& narrator);
void demo_heap(Narrator& narrator);
void demo_leak(Narrator& narrator);
void demo_two_processes(Narrator& narrator);
void demo_segmentation_fault(Narrator& narrator);
void demo_fork(Narrator& narrator);
void demo_mapped_file(Narrator& narrator);
void demo_page_protection(Narrator& narrator);
void demo_big_fork(Narrator& narrator);
void demo_more_than_memory(Narrator& narrator);
void demo_places(Narrator& narrator);
void demo_anomaly(Narrator& narrator);
void demo_loop(Narrator& narrator);
void demo_changed_on_disk(Narrator& narrator);
void demo_audit(Narrator& narrator);

} // namespace quire
