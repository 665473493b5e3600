// Where keys come from, and time while they are waited for. The console is one; tests bring their own.
#pragma once

#include "kernel/monitor/console/keys.h"

#include <cstdint>
#include <optional>

namespace quire {

class Keyboard {
public:
    // The next key that was pressed, if there is one. Never waits.
    [[nodiscard]] virtual std::optional<Key> poll() = 0;
    // The next key; sleeps until it comes, but no longer than `milliseconds` (to the next tick of the clock).
    [[nodiscard]] virtual std::optional<Key> wait(std::uint32_t milliseconds) = 0;
    // Makes the next poll() or wait() return `key` before any other. For keys that came while only an answer of the
    // terminal was wanted; what does not fit in a small memory is lost.
    virtual void put_back(const Key& key) = 0;

protected:
    constexpr ~Keyboard() = default;
};

} // namespace quire
