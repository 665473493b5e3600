// Starts the demo's program, lets it go on, and ends it.
#include "kernel/monitor/demo/lesson.h"

#include "kernel/lib/panic.h"
#include "kernel/process/send_signal.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <algorithm>
#include <array>

namespace quire {

Lesson::Lesson(Narrator& narrator, std::initializer_list<std::string_view> arguments)
    : narrator_(narrator), userland_(*narrator.context().torus.userland) {
    constexpr std::size_t most_words = 5;
    std::array<std::string_view, most_words> words{lesson_program};
    ensure(arguments.size() < most_words, "a lesson has at most four words");
    std::ranges::copy(arguments, words.begin() + 1);
    const Result<Process*> started = start_words(userland_, std::span(words).first(1 + arguments.size()));
    if (!started) {
        narrator.check("The program /bin/lesson starts", "it does", false, "{}", explain(started.error()));
        return;
    }
    process_ = *started;
    await();
}

Lesson::~Lesson() {
    if (process_ != nullptr) {
        must_succeed(send_signal(*process_, {.number = signal_number::kill}));
        await();
    }
}

bool Lesson::must_have_stopped() const {
    return stopped() || narrator_.check("The program stops to be looked at", "stopped", false, "{}", result_);
}

std::uint32_t Lesson::word_at(VirtAddr address) const {
    std::uint32_t word = 0;
    may_fail(space().read(address, std::as_writable_bytes(std::span(&word, 1)))); // 0 then
    return word;
}

void Lesson::go_on() {
    must_succeed(send_signal(*process_, {.number = signal_number::proceed}));
    await();
}

bool Lesson::check_end(std::string_view step) const {
    return narrator_.check(step, "exited with status 0", !stopped() && result_.status.word == 0, "{}", result_);
}

void Lesson::await() {
    result_ = wait_in_foreground(userland_, *process_);
    if (!result_.stopped) {
        process_ = nullptr;
    }
}

} // namespace quire
