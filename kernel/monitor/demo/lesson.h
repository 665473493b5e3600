// The program of the boot archive (user/lesson.c) that does in ring 3 what a chapter of the demo is about, and stops
// itself where the kernel is to have a look at its memory.
#pragma once

#include "kernel/monitor/commands/run_program.h"
#include "kernel/monitor/demo/demo.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace quire {

// Where user/lesson.c puts what is looked at.
inline constexpr VirtAddr lesson_place(0x20000000);
inline constexpr Page lesson_page = Page::containing(lesson_place);

// The program, at one of its lessons. One that still runs when this goes is ended.
class Lesson {
public:
    // Runs it until it stops or ends. `arguments`: the lesson's name and what it wants, at most four words.
    Lesson(Narrator& narrator, std::initializer_list<std::string_view> arguments);
    Lesson(const Lesson&) = delete;
    Lesson& operator=(const Lesson&) = delete;
    ~Lesson();

    // Whether it has stopped itself, to be looked at.
    [[nodiscard]] bool stopped() const { return process_ != nullptr; }
    // A chapter cannot go on where it has not: that is a check that failed.
    [[nodiscard]] bool must_have_stopped() const;
    [[nodiscard]] Process& process() const { return *process_; }
    [[nodiscard]] AddressSpace& space() const { return *process_->space; }
    [[nodiscard]] Process* child() const { return process_->children.front(); }
    // A word of its memory; 0 where it cannot be read, which no lesson expects.
    [[nodiscard]] std::uint32_t word_at(VirtAddr address) const;
    // Lets it go on until it stops again or ends.
    void go_on();
    // How it ended, once it has.
    [[nodiscard]] ProgramResult result() const { return result_; }
    // It went on and ended, and saw what it should have: that is a check.
    bool check_end(std::string_view step) const;

private:
    void await();

    Narrator& narrator_;
    Userland& userland_;
    Process* process_ = nullptr;
    ProgramResult result_;
};

} // namespace quire
