// A process's pages that are on their way, waited for. Memory itself never waits
// (kernel/memory/frames/page_request.h): it answers must_wait, everything that is held is let go of, and the wait is
// here, where nothing of it is left. Then the access, or the whole system call, begins anew.
#pragma once

#include "kernel/lib/result.h"

namespace quire {

struct Process;

// After an answer must_wait, and before anything else runs: the current thread waits until that page has come, and has
// it pinned until it blocks for something else or goes back to ring 3. `process` is the one that it works for, or one
// that it is about to start. Error: interrupted (it is killed).
[[nodiscard]] Result<void> wait_for_page(Process& process);

// After a copy to or from the program came short: whether it did for a page that has come by now, so that it is to be
// made again. False: the memory is not there, or the process is killed.
[[nodiscard]] bool wait_after_short_copy(Process& process);

// Makes access(), which is one of machine/user_memory.h and answers with something that is false where it came short,
// until the page is there. Its last answer.
template <class Access> [[nodiscard]] auto retry_short_access(Process& process, Access&& access) {
    auto answer = access();
    while (!answer && wait_after_short_copy(process)) {
        answer = access();
    }
    return answer;
}

// Why a copy came short, for one who cannot wait here: must_wait where a page was on its way, else bad_address.
[[nodiscard]] Error short_copy_error();

// Calls call(), which returns a Result, until it does not fail for a page that is on its way. It must be such that
// calling it again is right. Error of the wait: interrupted.
template <class Call> [[nodiscard]] auto retry_while_pages_come(Process& process, Call&& call) {
    auto result = call();
    while (!result && result.error() == Error::must_wait) {
        if (const Result<void> came = wait_for_page(process); !came) {
            return decltype(result)(fail(came.error()));
        }
        result = call();
    }
    return result;
}

} // namespace quire
