// A disk that takes its time: pages that a test wants late come when the test says so.
#pragma once

#include "kernel/memory/frames/page_request.h"
#include "tests/host/support/booted_torus.h"

#include <cstdint>
#include <functional>
#include <map>

namespace quire::test {

class SlowDevice final : public PageDelay {
public:
    // From now on, each page that `wants(frame)` is late; without it, all are.
    explicit SlowDevice(BootedTorus& torus, std::function<bool(Frame)> wants = {})
        : torus_(&torus), wants_(std::move(wants)) {
        torus_->slow_device = this;
        requests().set_delay(this);
    }
    ~SlowDevice() {
        bring_all();
        requests().set_delay(nullptr);
        torus_->slow_device = nullptr;
    }
    SlowDevice(const SlowDevice&) = delete;
    SlowDevice& operator=(const SlowDevice&) = delete;

    bool delays(Frame frame) override {
        if (wants_ && !wants_(frame)) {
            return false;
        }
        ++delayed_;
        requests().begin(late_[frame.number()], frame);
        return true;
    }

    // The page comes; nothing where it is there.
    void bring(Frame frame) {
        if (const auto found = late_.find(frame.number()); found != late_.end()) {
            requests().complete(found->second);
            late_.erase(found);
        }
    }
    // The `number`-th of those that are late.
    void bring_one(std::uint32_t number) {
        auto found = late_.begin();
        std::advance(found, number % late_.size());
        bring(found->second.frame());
    }
    void bring_all() {
        while (!late_.empty()) {
            bring_one(0);
        }
    }
    [[nodiscard]] std::uint32_t late() const { return static_cast<std::uint32_t>(late_.size()); }
    [[nodiscard]] std::uint64_t delayed() const { return delayed_; }

private:
    [[nodiscard]] PageRequests& requests() { return (*torus_)->memory.requests; }

    BootedTorus* torus_;
    std::function<bool(Frame)> wants_;
    std::map<std::uint32_t, PageRequest> late_; // by frame
    std::uint64_t delayed_ = 0;
};

} // namespace quire::test
