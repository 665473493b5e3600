// A pager that waits for a key. Where no terminal answered, nobody is there to press one, and it is not used.
#pragma once

#include "kernel/monitor/commands/command.h"

namespace quire {

class KeyPager final : public ScreenPager {
public:
    // Shows what is printed page by page, for as long as it lives or until start() is called again.
    explicit KeyPager(Context& context) : context_(&context) {}
    KeyPager(const KeyPager&) = delete;
    KeyPager& operator=(const KeyPager&) = delete;
    ~KeyPager() { context_->out.set_pager(nullptr); }

    // From here on, a page is what the screen holds.
    void start() { context_->out.set_pager(watched() ? this : nullptr); }
    // Waits for the key: q, Ctrl-C and Ctrl-D want no more.
    bool turn_page() override;

    // A terminal that answered has somebody in front of it.
    [[nodiscard]] bool watched() const { return context_->out.in_color(); }
    [[nodiscard]] bool left() const { return left_; }

private:
    Context* context_;
    bool left_ = false;
};

} // namespace quire
