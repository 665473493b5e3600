// Ids, groups, sessions, users, capabilities. See identity_calls.h. Checks and their order: Linux 6.1 kernel/sys.c,
// kernel/groups.c, kernel/capability.c.
#include "kernel/abi/process/identity_calls.h"

#include "kernel/abi/uapi.h"
#include "kernel/abi/user_memory.h"
#include "kernel/process/process_table.h"

#include <algorithm>
#include <array>
#include <utility>

namespace quire::abi {

std::uint32_t parent_id(Process& process) {
    return process.parent != nullptr ? process.parent->id : 0;
}

// ---- Groups and sessions

namespace {

// 0 is the caller. Error: no_process.
Result<Process*> find(Process& process, std::int32_t id) {
    Process* const found = id == 0 ? &process : process.table->find(static_cast<std::uint32_t>(id));
    return found != nullptr ? Result<Process*>(found) : fail(Error::no_process);
}

[[nodiscard]] bool is_group_in_session(const Process& process, std::uint32_t group) {
    bool found = false;
    process.table->for_each(
        [&](const Process& each) { found = found || (each.group == group && each.session == process.session); });
    return found;
}

} // namespace

std::uint32_t own_group(Process& process) {
    return process.group;
}

Result<std::uint32_t> group_of(Process& process, std::int32_t id) {
    const auto found = find(process, id);
    return found ? Result<std::uint32_t>((*found)->group) : fail(found.error());
}

Result<std::uint32_t> session_of(Process& process, std::int32_t id) {
    const auto found = find(process, id);
    return found ? Result<std::uint32_t>((*found)->session) : fail(found.error());
}

Result<void> set_group(Process& process, std::int32_t id, std::int32_t group) {
    if (group < 0) {
        return fail(Error::invalid_argument);
    }
    const auto found = find(process, id);
    if (!found) {
        return fail(found.error());
    }
    Process& target = **found;
    if (&target != &process && target.parent != &process) {
        return fail(Error::no_process);
    }
    if (target.session != process.session || target.session == target.id) {
        return fail(Error::not_permitted);
    }
    if (&target != &process && target.has_executed) {
        return fail(Error::no_access);
    }
    const std::uint32_t wanted = group != 0 ? static_cast<std::uint32_t>(group) : target.id;
    if (wanted != target.id && !is_group_in_session(process, wanted)) {
        return fail(Error::not_permitted);
    }
    target.group = wanted;
    return {};
}

Result<std::uint32_t> begin_session(Process& process) {
    if (process.session == process.id || process.table->group_exists(process.id)) {
        return fail(Error::not_permitted);
    }
    process.session = process.id;
    process.group = process.id;
    return process.id;
}

// ---- Users

namespace {

[[nodiscard]] bool is_possible(std::uint32_t user) {
    constexpr std::uint32_t unchanged = ~std::uint32_t{0}, unchanged_16 = 0xFFFF;
    return user == 0 || user == unchanged || user == unchanged_16;
}

template <class Id> Result<void> tell_three(UserPointer<Id> first, UserPointer<Id> second, UserPointer<Id> third) {
    for (const UserPointer<Id> each : {first, second, third}) {
        if (const auto told = write_value(each, Id{0}); !told) {
            return told;
        }
    }
    return {};
}

} // namespace

std::uint32_t user_zero(Process& /*process*/) {
    return 0;
}

Result<void> become_user(Process& /*process*/, std::uint32_t user) {
    return is_possible(user) ? Result<void>() : fail(Error::not_permitted);
}

Result<void> become_users(Process& process, std::uint32_t real, std::uint32_t effective) {
    return become_three_users(process, real, effective, 0);
}

Result<void> become_three_users(Process& /*process*/, std::uint32_t real, std::uint32_t effective,
                                std::uint32_t saved) {
    return is_possible(real) && is_possible(effective) && is_possible(saved) ? Result<void>()
                                                                             : fail(Error::not_permitted);
}

Result<void> three_users(Process& /*process*/, UserPointer<std::uint32_t> real, UserPointer<std::uint32_t> effective,
                         UserPointer<std::uint32_t> saved) {
    return tell_three(real, effective, saved);
}

Result<void> three_users_16(Process& /*process*/, UserPointer<std::uint16_t> real, UserPointer<std::uint16_t> effective,
                            UserPointer<std::uint16_t> saved) {
    return tell_three(real, effective, saved);
}

Result<std::uint32_t> more_groups(Process& /*process*/, std::int32_t room, VirtAddr /*into*/) {
    return room >= 0 ? Result<std::uint32_t>(0U) : fail(Error::invalid_argument);
}

Result<void> set_more_groups(Process& /*process*/, std::int32_t count, VirtAddr /*from*/) {
    if (count < 0 || count > NGROUPS_MAX) {
        return fail(Error::invalid_argument);
    }
    return count == 0 ? Result<void>() : fail(Error::not_permitted);
}

// ---- Capabilities

namespace {

// How many words the header's version has. Errors: bad_address; invalid_argument, and then the version to use is in the
// header.
Result<std::uint32_t> words_of(UserPointer<CapabilityHeader> place, CapabilityHeader& header) {
    const auto given = read_value(place);
    if (!given) {
        return fail(given.error());
    }
    header = *given;
    switch (header.version) {
    case _LINUX_CAPABILITY_VERSION_1: return 1U;
    case _LINUX_CAPABILITY_VERSION_2:
    case _LINUX_CAPABILITY_VERSION_3: return 2U;
    default: break;
    }
    const auto told = write_value(place.address, std::uint32_t{_LINUX_CAPABILITY_VERSION_3});
    return fail(told ? Error::invalid_argument : told.error());
}

// All that there are, in both words.
constexpr std::uint32_t last_word = (1U << (CAP_LAST_CAP % 32 + 1)) - 1;
constexpr auto all_capabilities = std::to_array<CapabilityWord>(
    {{.effective = ~0U, .permitted = ~0U}, {.effective = last_word, .permitted = last_word}});

} // namespace

Result<void> capabilities(Process& process, UserPointer<CapabilityHeader> place,
                          UserPointer<std::array<CapabilityWord, 2>> into) {
    CapabilityHeader header;
    const auto words = words_of(place, header);
    if (!words) {
        // Asking with no place for an answer is how programs learn the version.
        const bool asks_for_version = words.error() == Error::invalid_argument && into.is_null();
        return asks_for_version ? Result<void>() : fail(words.error());
    }
    if (header.process < 0) {
        return fail(Error::invalid_argument);
    }
    if (const auto found = find(process, header.process); !found) {
        return fail(found.error());
    }
    if (into.is_null()) {
        return fail(Error::bad_address);
    }
    return write_memory(into.address, std::as_bytes(std::span(all_capabilities).first(*words)));
}

// A process can give none of them up.
Result<void> set_capabilities(Process& process, UserPointer<CapabilityHeader> place,
                              UserPointer<std::array<CapabilityWord, 2>> from) {
    CapabilityHeader header;
    const auto words = words_of(place, header);
    if (!words) {
        return fail(words.error());
    }
    if (header.process != 0 && static_cast<std::uint32_t>(header.process) != process.id) {
        return fail(Error::not_permitted);
    }
    std::array<CapabilityWord, 2> wanted{};
    return read_memory(from.address, std::as_writable_bytes(std::span(wanted).first(*words)));
}

std::uint32_t set_personality(Process& process, std::uint32_t personality) {
    constexpr std::uint32_t only_ask = ~std::uint32_t{0};
    const std::uint32_t before = process.umbrella;
    if (personality != only_ask) {
        process.umbrella = personality;
        process.space->heap_access.execute = (personality & uapi::READ_IMPLIES_EXEC) != 0;
    }
    return before;
}

// ---- prctl

namespace {

Result<std::uint32_t> done(const Result<void>& result) {
    return result ? Result<std::uint32_t>(0U) : fail(result.error());
}

// Up to 15 characters, what there are more being cut off.
Result<void> rename_process(Process& process, VirtAddr from) {
    std::array<char, std::tuple_size_v<decltype(Process::name)>> name{};
    const auto text = read_text(UserText{from}, name);
    if (!text && text.error() != Error::name_too_long) {
        return fail(text.error());
    }
    if (!text) {
        if (const auto read = read_memory(from, std::as_writable_bytes(std::span(name))); !read) {
            return read;
        }
    }
    name.back() = '\0';
    process.set_name(name.data());
    return {};
}

} // namespace

Result<std::uint32_t> control_process(Process& process, std::uint32_t what, std::uint32_t second, std::uint32_t third,
                                      std::uint32_t fourth, std::uint32_t fifth) {
    switch (what) {
    case PR_SET_NAME: return done(rename_process(process, VirtAddr(second)));
    case PR_GET_NAME: return done(write_memory(VirtAddr(second), std::as_bytes(std::span(process.name))));
    case PR_SET_PDEATHSIG:
        if (second > signal_count) {
            return fail(Error::invalid_argument);
        }
        process.parent_death_signal = second;
        return 0U;
    case PR_GET_PDEATHSIG: return done(write_value(VirtAddr(second), process.parent_death_signal));
    case PR_GET_DUMPABLE: return process.dumpable ? 1U : 0U;
    case PR_SET_DUMPABLE:
        if (second > 1) {
            return fail(Error::invalid_argument);
        }
        process.dumpable = second == 1;
        return 0U;
    case PR_GET_NO_NEW_PRIVS: // nobody gets more rights by exec: it can be asked for, and holds anyway
    case PR_SET_NO_NEW_PRIVS:
        if ((what == PR_SET_NO_NEW_PRIVS && second != 1) || third != 0 || fourth != 0 || fifth != 0) {
            return fail(Error::invalid_argument);
        }
        return 0U;
    case PR_CAPBSET_READ: return second <= CAP_LAST_CAP ? Result<std::uint32_t>(1U) : fail(Error::invalid_argument);
    case PR_SET_KEEPCAPS:
    case PR_GET_KEEPCAPS: return 0U;
    case PR_GET_TIMERSLACK: return 50000U; // Linux's default, nanoseconds
    case PR_SET_TIMERSLACK: return 0U;
    default: return fail(Error::invalid_argument);
    }
}

} // namespace quire::abi
