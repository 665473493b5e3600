// What policies with one queue have in common: pages come at its end and are looked at from its beginning.
#pragma once

#include "kernel/memory/replacement/page_replacer.h"

namespace quire {

class SingleQueue : public PageReplacer {
public:
    void loaded(Frame frame, std::optional<Departure> /*departure*/) override {
        ++counts_.loaded;
        queue_.push_back(frame);
    }
    void adopt(Frame frame) override { queue_.push_back(frame); }
    [[nodiscard]] Frame give_up() override { return queue_.take_front(); }
    [[nodiscard]] std::uint32_t known() const override { return queue_.length(); }

protected:
    explicit SingleQueue(FrameRecords records) : queue_(records, 0) {}
    ~SingleQueue() = default;

    PageQueue queue_;
};

} // namespace quire
