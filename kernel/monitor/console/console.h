// The machine's console as the shell uses it: text out, keys in. It owns the state of the key being decoded and the
// keys put back, nothing of the devices.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/lib/static_vector.h"
#include "kernel/monitor/console/keyboard.h"

namespace quire {

class ShellConsole final : public Sink, public Keyboard {
public:
    void write(std::string_view text) override;
    [[nodiscard]] std::optional<Key> poll() override;
    [[nodiscard]] std::optional<Key> wait(std::uint32_t milliseconds) override;
    void put_back(const Key& key) override;

private:
    static constexpr std::size_t most_put_back = 64;

    KeyDecoder decoder_;
    StaticVector<Key, most_put_back> put_back_; // oldest first
};

} // namespace quire
