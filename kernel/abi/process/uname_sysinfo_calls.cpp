// uname, sysinfo, getrandom, membarrier. See system_calls.h.
#include "kernel/abi/system_calls.h"
#include "kernel/abi/time/clock.h"
#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/process/uname_text.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace quire::abi {

// ---- uname

namespace {

template <std::size_t size> constexpr void put(std::array<char, size>& field, std::string_view text) {
    std::copy_n(text.begin(), std::min(text.size(), size - 1), field.begin());
}

template <class Shape> [[nodiscard]] constexpr Shape name_in() {
    Shape name;
    put(name.system, uname_text::system);
    put(name.node, uname_text::node);
    put(name.release, uname_text::release);
    put(name.version, uname_text::version);
    put(name.machine, uname_text::machine);
    return name;
}

} // namespace

Result<void> system_name(Process& /*process*/, UserPointer<SystemName> into) {
    static constexpr SystemName name = [] {
        SystemName whole = name_in<SystemName>();
        put(whole.domain, uname_text::domain);
        return whole;
    }();
    return write_value(into, name);
}

Result<void> system_name_old(Process& /*process*/, UserPointer<OldSystemName> into) {
    return write_value(into, name_in<OldSystemName>());
}

Result<void> system_name_oldest(Process& /*process*/, UserPointer<OldestSystemName> into) {
    return write_value(into, name_in<OldestSystemName>());
}

// ---- sysinfo

Result<void> system_information(Process& process, UserPointer<SystemInformation> into) {
    const ProcessTable& table = *process.table;
    const FrameAllocator& frames = table.memory().frames;
    const FrameStatistics statistics = frames.statistics();
    const SwapSpace& swap = table.memory().pager.swap;
    std::array<std::uint32_t, 3> loads{};
    std::ranges::transform(table.scheduler.load().averages(), loads.begin(),
                           [](std::uint32_t load) { return load << (SI_LOAD_SHIFT - LoadAverage::fraction_bits); });
    return write_value(into, {.uptime = static_cast<std::int32_t>(now() / nanoseconds_in_second),
                              .loads = loads,
                              .total = statistics.ram * page_size,
                              .free = frames.available() * page_size,
                              .swap_total = swap.pages() * page_size,
                              .swap_free = swap.free_pages() * page_size,
                              .processes = static_cast<std::uint16_t>(table.count())});
}

// ---- getrandom

Result<std::uint32_t> random_bytes(Process& process, VirtAddr into, std::uint32_t bytes, Bits flags) {
    const std::uint32_t given = std::to_underlying(flags);
    constexpr std::uint32_t either = GRND_RANDOM | GRND_INSECURE;
    if ((given & ~(either | GRND_NONBLOCK)) != 0 || (given & either) == either) {
        return fail(Error::invalid_argument);
    }
    Userland& userland = process.table->userland();
    const std::uint32_t wanted = std::min<std::uint32_t>(bytes, std::numeric_limits<std::int32_t>::max());
    std::uint32_t done = 0;
    while (done < wanted) {
        const std::uint32_t word = userland.random_word();
        const auto part = std::as_bytes(std::span(&word, 1)).first(std::min<std::size_t>(wanted - done, sizeof(word)));
        if (!write_memory(into + done, part)) {
            break;
        }
        done += static_cast<std::uint32_t>(part.size());
    }
    return done != 0 || wanted == 0 ? Result<std::uint32_t>(done) : fail(Error::bad_address);
}

// On one processor every access is seen by all at once.
Result<std::uint32_t> memory_barrier(Process& process, std::int32_t command, Bits flags) {
    constexpr std::int32_t commands = uapi::MEMBARRIER_CMD_GLOBAL | uapi::MEMBARRIER_CMD_PRIVATE_EXPEDITED |
                                      uapi::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
    if (flags != Bits{}) {
        return fail(Error::invalid_argument);
    }
    if (command == uapi::MEMBARRIER_CMD_QUERY) {
        return static_cast<std::uint32_t>(commands);
    }
    if (command == uapi::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) {
        process.barriers_registered = true;
    }
    if (command == uapi::MEMBARRIER_CMD_PRIVATE_EXPEDITED && !process.barriers_registered) {
        return fail(Error::not_permitted);
    }
    const bool known = (command & ~commands) == 0 && (command & (command - 1)) == 0;
    return known ? Result<std::uint32_t>(0U) : fail(Error::invalid_argument);
}

} // namespace quire::abi
