// Asks for a key and takes the question away again.
#include "kernel/monitor/commands/key_pager.h"

#include <limits>
#include <optional>

namespace quire {

bool KeyPager::turn_page() {
    constexpr std::uint32_t forever = std::numeric_limits<std::uint32_t>::max();
    Display& out = context_->out;
    print(out, "{}-- any key: go on; q: leave --{}", out.paint(Ink::faint), out.paint(Ink::plain));
    std::optional<Key> key;
    while (!key || key->kind == Key::Kind::position) {
        key = context_->keys.wait(forever);
    }
    print(out, "\r                              \r");
    left_ = key->kind == Key::Kind::interrupt || key->kind == Key::Kind::end_of_input ||
            (key->kind == Key::Kind::character && (key->character == 'q' || key->character == 'Q'));
    return !left_;
}

} // namespace quire
