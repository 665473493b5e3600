// What a system call's arguments are: the types in which the calls of this folder take them, how those come out of the
// registers, and what strace prints for each. A call is written as an ordinary function of the current process and its
// arguments; entry<&function>() makes a table entry of it.
#pragma once

#include "kernel/abi/errno.h"
#include "kernel/lib/result.h"
#include "kernel/machine/address.h"
#include "kernel/machine/trap.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace quire {
struct Process;
}

namespace quire::abi {

// ---- The types of arguments. Besides these: std::int32_t and std::uint32_t for plain numbers, VirtAddr for addresses,
// std::int64_t and std::uint64_t for a number in two registers, the low half first.

enum class Descriptor : std::int32_t {};
enum class Protection : std::uint32_t {}; // PROT_…
enum class MapFlags : std::uint32_t {};   // MAP_…
enum class RemapFlags : std::uint32_t {}; // MREMAP_…
enum class SyncFlags : std::uint32_t {};  // MS_…
enum class LockFlags : std::uint32_t {};  // MCL_…
enum class AdviceCode : std::uint32_t {}; // MADV_…
enum class OpenFlags : std::uint32_t {};  // O_…
enum class Bits : std::uint32_t {};       // other flags, shown in hexadecimal
enum class FileMode : std::uint32_t {};   // shown in octal
enum class SignalCode : std::uint32_t {}; // a signal's number
enum class CloneFlags : std::uint32_t {}; // CLONE_…, and the signal

// Where text lies that ends with a NUL.
struct UserText {
    VirtAddr address;
};
// Where a structure lies.
template <class T> struct UserPointer {
    VirtAddr address;
    [[nodiscard]] bool is_null() const { return address == VirtAddr(); }
};

// ---- How each looks in a line of strace

enum class ArgumentKind : std::uint8_t {
    none,
    signed_number,
    number,
    address,
    wide, // this register and the next
    descriptor,
    protection,
    map_flags,
    remap_flags,
    sync_flags,
    lock_flags,
    advice,
    open_flags,
    bits,
    mode,
    signal,
    clone_flags,
    text,
};

template <class T> inline constexpr ArgumentKind kind_of_argument = ArgumentKind::none;
template <> inline constexpr ArgumentKind kind_of_argument<std::int32_t> = ArgumentKind::signed_number;
template <> inline constexpr ArgumentKind kind_of_argument<std::uint32_t> = ArgumentKind::number;
template <> inline constexpr ArgumentKind kind_of_argument<std::int64_t> = ArgumentKind::wide;
template <> inline constexpr ArgumentKind kind_of_argument<std::uint64_t> = ArgumentKind::wide;
template <> inline constexpr ArgumentKind kind_of_argument<VirtAddr> = ArgumentKind::address;
template <class T> inline constexpr ArgumentKind kind_of_argument<UserPointer<T>> = ArgumentKind::address;
template <> inline constexpr ArgumentKind kind_of_argument<UserText> = ArgumentKind::text;
template <> inline constexpr ArgumentKind kind_of_argument<Descriptor> = ArgumentKind::descriptor;
template <> inline constexpr ArgumentKind kind_of_argument<Protection> = ArgumentKind::protection;
template <> inline constexpr ArgumentKind kind_of_argument<MapFlags> = ArgumentKind::map_flags;
template <> inline constexpr ArgumentKind kind_of_argument<RemapFlags> = ArgumentKind::remap_flags;
template <> inline constexpr ArgumentKind kind_of_argument<SyncFlags> = ArgumentKind::sync_flags;
template <> inline constexpr ArgumentKind kind_of_argument<LockFlags> = ArgumentKind::lock_flags;
template <> inline constexpr ArgumentKind kind_of_argument<AdviceCode> = ArgumentKind::advice;
template <> inline constexpr ArgumentKind kind_of_argument<OpenFlags> = ArgumentKind::open_flags;
template <> inline constexpr ArgumentKind kind_of_argument<Bits> = ArgumentKind::bits;
template <> inline constexpr ArgumentKind kind_of_argument<FileMode> = ArgumentKind::mode;
template <> inline constexpr ArgumentKind kind_of_argument<SignalCode> = ArgumentKind::signal;
template <> inline constexpr ArgumentKind kind_of_argument<CloneFlags> = ArgumentKind::clone_flags;

// ---- Registers

inline constexpr std::size_t most_arguments = 6;

// The register that holds argument `at`.
[[nodiscard, gnu::always_inline]] constexpr std::uint32_t argument(const machine::TrapFrame& registers,
                                                                   std::size_t at) {
    using machine::TrapFrame;
    constexpr std::array<std::uint32_t TrapFrame::*, most_arguments> places{
        &TrapFrame::ebx, &TrapFrame::ecx, &TrapFrame::edx, &TrapFrame::esi, &TrapFrame::edi, &TrapFrame::ebp};
    return registers.*places[at];
}

template <class T> inline constexpr std::size_t registers_of = sizeof(T) > sizeof(std::uint32_t) ? 2 : 1;

// The argument of type T whose first register is number `at`.
template <class T, std::size_t at>
[[nodiscard, gnu::always_inline]] constexpr T decode(const machine::TrapFrame& registers) {
    static_assert(kind_of_argument<T> != ArgumentKind::none, "no type of argument");
    static_assert(at + registers_of<T> <= most_arguments, "more arguments than there are registers");
    const std::uint32_t word = argument(registers, at);
    if constexpr (registers_of<T> == 2) {
        return static_cast<T>(std::uint64_t{argument(registers, at + 1)} << 32 | word);
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        return static_cast<T>(word);
    } else if constexpr (std::is_same_v<T, VirtAddr>) {
        return VirtAddr(word);
    } else {
        return T{VirtAddr(word)};
    }
}

// ---- Answers

// What EAX becomes: a failure's errno value, negative; or the value. A call whose errno has no Error returns
// std::int32_t itself.
[[nodiscard, gnu::always_inline]] inline std::int32_t answer(std::int32_t value) {
    return value;
}
[[nodiscard, gnu::always_inline]] inline std::int32_t answer(std::uint32_t value) {
    return static_cast<std::int32_t>(value);
}
[[nodiscard, gnu::always_inline]] inline std::int32_t answer(VirtAddr value) {
    return static_cast<std::int32_t>(value.value());
}
template <class T> [[nodiscard, gnu::always_inline]] inline std::int32_t answer(const Result<T>& result) {
    if (!result) {
        return answer_of_failure(result.error());
    }
    if constexpr (std::is_void_v<T>) {
        return 0;
    } else {
        return answer(*result);
    }
}

// ---- Table entries

// Serves one call: the current process, and the registers it came with; returns what EAX becomes.
using SystemCall = std::int32_t (*)(Process& process, machine::TrapFrame& registers);

struct Entry {
    SystemCall call = nullptr;
    std::array<ArgumentKind, most_arguments> kinds{};
};

namespace detail {

// The registers that the arguments before number `at` of a list of types take.
template <class... Arguments> [[nodiscard]] constexpr std::size_t first_register(std::size_t at) {
    constexpr std::array<std::size_t, sizeof...(Arguments) + 1> widths{registers_of<Arguments>..., 0};
    std::size_t first = 0;
    for (std::size_t each = 0; each < at; ++each) {
        first += widths[each];
    }
    return first;
}

// Both registers of a wide one say so.
template <class... Arguments> [[nodiscard]] consteval std::array<ArgumentKind, most_arguments> kinds_of_arguments() {
    constexpr std::array<ArgumentKind, sizeof...(Arguments) + 1> given{kind_of_argument<Arguments>...};
    std::array<ArgumentKind, most_arguments> kinds{};
    for (std::size_t each = 0; each < sizeof...(Arguments); ++each) {
        for (std::size_t at = first_register<Arguments...>(each); at < first_register<Arguments...>(each + 1); ++at) {
            kinds[at] = given[each];
        }
    }
    return kinds;
}

template <auto function, class... Arguments, class... Leading>
[[nodiscard, gnu::always_inline]] inline std::int32_t call_with(const machine::TrapFrame& registers,
                                                                Leading&... leading) {
    return [&]<std::size_t... at>(std::index_sequence<at...>) {
        return answer(function(leading..., decode<Arguments, first_register<Arguments...>(at)>(registers)...));
    }
    (std::index_sequence_for<Arguments...>());
}

// A function of the process and its arguments, or of the process, its registers and its arguments.
template <auto function> struct Adapter;
template <class R, class... Arguments, R (*function)(Process&, Arguments...)>
requires(!std::disjunction_v<std::is_same<Arguments, machine::TrapFrame&>...>) struct Adapter<function> {
    static constexpr auto kinds = kinds_of_arguments<Arguments...>();
    static std::int32_t call(Process& process, machine::TrapFrame& registers) {
        return call_with<function, Arguments...>(registers, process);
    }
};
template <class R, class... Arguments, R (*function)(Process&, machine::TrapFrame&, Arguments...)>
struct Adapter<function> {
    static constexpr auto kinds = kinds_of_arguments<Arguments...>();
    static std::int32_t call(Process& process, machine::TrapFrame& registers) {
        return call_with<function, Arguments...>(registers, process, registers);
    }
};

} // namespace detail

template <auto function> [[nodiscard]] consteval Entry entry() {
    return {&detail::Adapter<function>::call, detail::Adapter<function>::kinds};
}

} // namespace quire::abi
