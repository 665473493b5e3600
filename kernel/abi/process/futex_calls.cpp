// futex. See futex_calls.h. Checks and their order: Linux 6.1 kernel/futex.
#include "kernel/abi/process/futex_calls.h"

#include "kernel/abi/time/clock.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/process/futex.h"
#include "kernel/process/process_table.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace quire::abi {

namespace {

// The arguments, as far as they mean the same for all operations.
struct FutexCall {
    Process& process;
    VirtAddr word;
    std::uint32_t command = 0;
    bool is_private = false;
    bool by_calendar = false; // an absolute timeout is one of CLOCK_REALTIME
    std::uint32_t value = 0;
    VirtAddr timeout; // a time, or a number
    VirtAddr second_word;
    std::uint32_t third_value = 0;

    [[nodiscard]] FutexTable& table() const { return process.table->futexes; }
};

// Errors: invalid_argument (not aligned), bad_address.
Result<FutexKey> key_of(const FutexCall& call, VirtAddr word) {
    if (word.value() % sizeof(std::uint32_t) != 0) {
        return fail(Error::invalid_argument);
    }
    // A word that others may share has to be there; one of the program's own only has to be able to be.
    const bool there = call.is_private ? word < end_of_user_pages.start() : load_word(word).has_value();
    return there ? Result<FutexKey>(futex_key(*call.process.space, word, call.is_private)) : fail(Error::bad_address);
}

// How many are meant by a number that may be 0 or negative: Linux looks only after the first one.
[[nodiscard]] std::uint32_t at_least_one(std::uint32_t number) {
    return static_cast<std::uint32_t>(std::max(static_cast<std::int32_t>(number), 1));
}

// ---- Waiting

// When the wait ends by itself: WAIT's timeout is a span of time, WAIT_BITSET's a time.
[[nodiscard]] std::uint64_t deadline_of(const FutexCall& call, std::optional<std::uint64_t> time) {
    if (!time || call.command == FUTEX_WAIT) {
        return deadline_after(time);
    }
    const Timestamp calendar = call.process.table->userland().now();
    const std::uint64_t reading =
        call.by_calendar ? static_cast<std::uint64_t>(calendar.seconds) * nanoseconds_in_second + calendar.nanoseconds
                         : now();
    return deadline_after(*time > reading ? *time - reading : 0);
}

Result<std::uint32_t> wait(const FutexCall& call, std::uint32_t bits, std::optional<std::uint64_t> time) {
    if (bits == 0) {
        return fail(Error::invalid_argument);
    }
    const auto key = key_of(call, call.word);
    if (!key) {
        return fail(key.error());
    }
    const auto word = load_word(call.word);
    if (!word) {
        return fail(word.error());
    }
    if (*word != call.value) {
        return fail(Error::would_block);
    }
    const auto waited = call.table().wait(call.process, *key, bits, deadline_of(call, time));
    if (!waited && waited.error() == Error::interrupted) {
        return fail(time ? Error::restart_unless_handled : Error::restart);
    }
    return waited ? Result<std::uint32_t>(0U) : fail(waited.error());
}

// ---- Waking

Result<std::uint32_t> wake(const FutexCall& call, std::uint32_t bits) {
    if (bits == 0) {
        return fail(Error::invalid_argument);
    }
    const auto key = key_of(call, call.word);
    return key ? Result<std::uint32_t>(call.table().wake(*key, at_least_one(call.value), bits)) : fail(key.error());
}

// Wakes some, and moves others to the second word.
Result<std::uint32_t> requeue(const FutexCall& call, bool compare) {
    const std::uint32_t most_moved = call.timeout.value();
    if (static_cast<std::int32_t>(call.value) < 0 || static_cast<std::int32_t>(most_moved) < 0) {
        return fail(Error::invalid_argument);
    }
    const auto from = key_of(call, call.word);
    if (!from) {
        return fail(from.error());
    }
    const auto to = key_of(call, call.second_word);
    if (!to) {
        return fail(to.error());
    }
    if (compare) {
        const auto word = load_word(call.word);
        if (!word) {
            return fail(word.error());
        }
        if (*word != call.third_value) {
            return fail(Error::would_block);
        }
    }
    const std::uint32_t woken = call.value != 0 ? call.table().wake(*from, call.value) : 0;
    return woken + call.table().requeue(*from, *to, most_moved);
}

// FUTEX_WAKE_OP's third value: an operation on the second word, and a comparison with what it was before.
class WordOperation {
public:
    explicit WordOperation(std::uint32_t encoded)
        : operation_(encoded >> 28 & 7), compare_(encoded >> 24 & 0xF), operand_(signed_12(encoded >> 12)),
          comparand_(signed_12(encoded)) {
        if ((encoded >> 28 & FUTEX_OP_OPARG_SHIFT) != 0) {
            operand_ = static_cast<std::int32_t>(1U << (static_cast<std::uint32_t>(operand_) & 31));
        }
    }

    [[nodiscard]] bool is_known() const { return operation_ <= FUTEX_OP_XOR && compare_ <= FUTEX_OP_CMP_GE; }
    [[nodiscard]] std::uint32_t apply(std::uint32_t word) const {
        const auto operand = static_cast<std::uint32_t>(operand_);
        switch (operation_) {
        case FUTEX_OP_SET: return operand;
        case FUTEX_OP_ADD: return word + operand;
        case FUTEX_OP_OR: return word | operand;
        case FUTEX_OP_ANDN: return word & ~operand;
        default: return word ^ operand;
        }
    }
    [[nodiscard]] bool holds_for(std::uint32_t before) const {
        const auto word = static_cast<std::int32_t>(before);
        switch (compare_) {
        case FUTEX_OP_CMP_EQ: return word == comparand_;
        case FUTEX_OP_CMP_NE: return word != comparand_;
        case FUTEX_OP_CMP_LT: return word < comparand_;
        case FUTEX_OP_CMP_LE: return word <= comparand_;
        case FUTEX_OP_CMP_GT: return word > comparand_;
        default: return word >= comparand_;
        }
    }

private:
    [[nodiscard]] static std::int32_t signed_12(std::uint32_t bits) {
        return static_cast<std::int32_t>(bits << 20) >> 20;
    }

    std::uint32_t operation_, compare_;
    std::int32_t operand_, comparand_;
};

// What the second word was before it was changed. Error: bad_address.
Result<std::uint32_t> change_word(VirtAddr place, const WordOperation& operation) {
    while (true) {
        const auto expected = load_word(place);
        if (!expected) {
            return expected;
        }
        const auto found = compare_exchange_word(place, *expected, operation.apply(*expected));
        if (!found) {
            return found;
        }
        if (*found == *expected) {
            return *expected;
        }
    }
}

Result<std::uint32_t> wake_with_operation(const FutexCall& call) {
    const auto first = key_of(call, call.word);
    if (!first) {
        return fail(first.error());
    }
    const auto second = key_of(call, call.second_word);
    if (!second) {
        return fail(second.error());
    }
    const WordOperation operation(call.third_value);
    if (!operation.is_known()) {
        return fail(Error::no_system_call);
    }
    const auto before = change_word(call.second_word, operation);
    if (!before) {
        return before;
    }
    std::uint32_t woken = call.table().wake(*first, at_least_one(call.value));
    if (operation.holds_for(*before)) {
        woken += call.table().wake(*second, at_least_one(call.timeout.value()));
    }
    return woken;
}

template <class Time> Result<std::uint32_t> futex_with(const FutexCall& call) {
    if (call.by_calendar && call.command != FUTEX_WAIT_BITSET) {
        return fail(Error::no_system_call);
    }
    switch (call.command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET: {
        const auto time = read_span(UserPointer<Time>{call.timeout});
        if (!time) {
            return fail(time.error());
        }
        return wait(call, call.command == FUTEX_WAIT ? FutexTable::any_bits : call.third_value, *time);
    }
    case FUTEX_WAKE: return wake(call, FutexTable::any_bits);
    case FUTEX_WAKE_BITSET: return wake(call, call.third_value);
    case FUTEX_REQUEUE: return requeue(call, false);
    case FUTEX_CMP_REQUEUE: return requeue(call, true);
    case FUTEX_WAKE_OP: return wake_with_operation(call);
    default: return fail(Error::no_system_call);
    }
}

[[nodiscard]] FutexCall call_of(Process& process, VirtAddr word, Bits operation, std::uint32_t value, VirtAddr timeout,
                                VirtAddr second_word, std::uint32_t third_value) {
    const std::uint32_t given = std::to_underlying(operation);
    constexpr std::uint32_t flags = FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME;
    return {.process = process,
            .word = word,
            .command = given & ~flags,
            .is_private = (given & FUTEX_PRIVATE_FLAG) != 0,
            .by_calendar = (given & FUTEX_CLOCK_REALTIME) != 0,
            .value = value,
            .timeout = timeout,
            .second_word = second_word,
            .third_value = third_value};
}

} // namespace

Result<std::uint32_t> futex(Process& process, VirtAddr word, Bits operation, std::uint32_t value, VirtAddr timeout,
                            VirtAddr second_word, std::uint32_t third_value) {
    return futex_with<Timespec>(call_of(process, word, operation, value, timeout, second_word, third_value));
}

Result<std::uint32_t> futex_64(Process& process, VirtAddr word, Bits operation, std::uint32_t value, VirtAddr timeout,
                               VirtAddr second_word, std::uint32_t third_value) {
    return futex_with<Timespec64>(call_of(process, word, operation, value, timeout, second_word, third_value));
}

} // namespace quire::abi
