// The boot option replacement=chaos: any page goes, at any time that one can. At every safe point a random page is put
// out, and before every copy to or from a program the very pages that it is about, however much memory is free. What
// programs compute must be the same. It owns nothing; what it is on goes on without it when it ends.
#pragma once

#include "kernel/machine/user_memory.h"
#include "kernel/process/userland/userland.h"

namespace quire {

class ChaosPaging final : public machine::CopyWatcher, public SafePointWork {
public:
    // From now on, once there is a swap area. `userland` outlives it.
    explicit ChaosPaging(Userland& userland);
    ~ChaosPaging();
    ChaosPaging(const ChaosPaging&) = delete;
    ChaosPaging& operator=(const ChaosPaging&) = delete;

    void before_copy(VirtAddr start, std::size_t bytes) override;
    bool at_safe_point(bool tick) override;

private:
    // Of a copy, so many pages are put out, from its first on.
    static constexpr std::uint32_t most_pages = 4;

    void put_out_any();

    Userland* userland_;
};

} // namespace quire
