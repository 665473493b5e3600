// Formatted text without a C library: print(sink, "{} frames at {:#010x}", n, address). The format string is checked
// against the arguments at compile time. Nothing is allocated; text goes to a Sink piece by piece.
//
//   {}  any integer, bool, char, string, pointer, or type with its own print_to(Sink&, const T&)
//   {:[<|>][#][0][width][,][x|c]}  alignment, "0x" prefix, zero fill, width in characters, thousands commas,
//   hexadecimal
//   {{ and }}  the braces themselves
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace quire {

// Where text goes.
class Sink {
public:
    virtual void write(std::string_view text) = 0;

protected:
    constexpr ~Sink() = default;
};

// Text into a fixed buffer. What does not fit is dropped and remembered.
class BufferSink final : public Sink {
public:
    explicit BufferSink(std::span<char> buffer) : buffer_(buffer) {}
    void write(std::string_view text) override;
    [[nodiscard]] std::string_view text() const { return {buffer_.data(), used_}; }
    [[nodiscard]] bool truncated() const { return truncated_; }
    void clear() {
        used_ = 0;
        truncated_ = false;
    }

private:
    std::span<char> buffer_;
    std::size_t used_ = 0;
    bool truncated_ = false;
};

// How one argument is to look.
struct FormatSpec {
    enum class Align : std::uint8_t { natural, left, right };
    Align align = Align::natural; // numbers right, everything else left
    bool prefix = false;
    bool zero_fill = false;
    bool commas = false;
    bool hexadecimal = false;
    unsigned width = 0;
};

template <class T>
concept Printable = requires(Sink& sink, const T& value) {
    print_to(sink, value);
};

namespace detail {

// How print() passes an argument on, through "...": as one of these values, with its kind in four bits of a word. That
// takes as little code at the place of the call as passing it to any function, and there are hundreds of calls.
enum class ArgumentKind : std::uint8_t {
    none,
    word,
    signed_word,
    long_word,
    signed_long,
    truth,
    character,
    text,
    custom
};
struct TextArgument {
    const char* characters;
    std::size_t size;
};
struct CustomArgument {
    const void* object;
    void (*print)(Sink&, const void*);
};
inline constexpr unsigned kind_bits = 4;
inline constexpr std::size_t most_arguments = 32 / kind_bits;

template <class T> constexpr ArgumentKind kind_of() {
    if constexpr (Printable<T>) {
        return ArgumentKind::custom;
    } else if constexpr (std::same_as<T, bool>) {
        return ArgumentKind::truth;
    } else if constexpr (std::same_as<T, char>) {
        return ArgumentKind::character;
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        return ArgumentKind::text;
    } else if constexpr (std::is_pointer_v<T>) {
        return sizeof(T) > sizeof(std::uint32_t) ? ArgumentKind::long_word : ArgumentKind::word;
    } else if constexpr (std::signed_integral<T>) {
        return sizeof(T) > sizeof(std::uint32_t) ? ArgumentKind::signed_long : ArgumentKind::signed_word;
    } else {
        static_assert(std::unsigned_integral<T>, "no way to print this type: give it print_to(Sink&, const T&)");
        return sizeof(T) > sizeof(std::uint32_t) ? ArgumentKind::long_word : ArgumentKind::word;
    }
}

template <class T> [[gnu::always_inline]] constexpr auto lower(const T& value) {
    constexpr ArgumentKind kind = kind_of<T>();
    if constexpr (kind == ArgumentKind::custom) {
        return CustomArgument{&value,
                              [](Sink& sink, const void* object) { print_to(sink, *static_cast<const T*>(object)); }};
    } else if constexpr (kind == ArgumentKind::text) {
        const std::string_view text(value);
        return TextArgument{text.data(), text.size()};
    } else if constexpr (std::is_pointer_v<T>) {
        return reinterpret_cast<std::uintptr_t>(value);
    } else if constexpr (kind == ArgumentKind::character) {
        return std::uint32_t{static_cast<unsigned char>(value)};
    } else if constexpr (kind == ArgumentKind::signed_long || kind == ArgumentKind::long_word) {
        return static_cast<std::uint64_t>(value);
    } else {
        return static_cast<std::uint32_t>(value);
    }
}

// The kinds of all arguments, the first in the lowest bits.
template <class... Args> consteval std::uint32_t kinds_of() {
    static_assert(sizeof...(Args) <= most_arguments, "too many arguments: print in two calls");
    std::uint32_t kinds = 0;
    unsigned shift = 0;
    for (const ArgumentKind kind : std::array<ArgumentKind, sizeof...(Args)>{kind_of<Args>()...}) {
        kinds |= static_cast<std::uint32_t>(kind) << shift;
        shift += kind_bits;
    }
    return kinds;
}

// Reads the spec after '{' (position `at`), moves `at` past the '}'. False if it is no valid spec.
constexpr bool parse_spec(std::string_view format, std::size_t& at, FormatSpec& spec) {
    const auto next_is = [&](char c) { return at < format.size() && format[at] == c; };
    const auto take = [&](char c) {
        const bool found = next_is(c);
        at += found ? 1 : 0;
        return found;
    };
    if (take(':')) {
        if (take('<')) {
            spec.align = FormatSpec::Align::left;
        } else if (take('>')) {
            spec.align = FormatSpec::Align::right;
        }
        spec.prefix = take('#');
        spec.zero_fill = take('0');
        while (at < format.size() && format[at] >= '0' && format[at] <= '9') {
            spec.width = spec.width * 10 + static_cast<unsigned>(format[at++] - '0');
        }
        spec.commas = take(',');
        spec.hexadecimal = take('x');
    }
    return take('}');
}

constexpr bool valid_format(std::string_view format, std::size_t arguments) {
    std::size_t used = 0;
    for (std::size_t at = 0; at < format.size();) {
        const char c = format[at++];
        if (c != '{' && c != '}') {
            continue;
        }
        if (at < format.size() && format[at] == c) {
            ++at;
            continue;
        }
        FormatSpec spec;
        if (c == '}' || !parse_spec(format, at, spec)) {
            return false;
        }
        ++used;
    }
    return used == arguments;
}

void format_string_does_not_fit_its_arguments(); // never defined

// `format` was checked against `kinds`, and what follows are the arguments, lowered.
void print_lowered(Sink& sink, const char* format, std::uint32_t kinds, ...);

} // namespace detail

// A format string known to fit arguments of the types Args.
template <class... Args> class FormatString {
public:
    consteval FormatString(const char* text) : text_(text) { // NOLINT(google-explicit-constructor): literals convert
        if (!detail::valid_format(text_, sizeof...(Args))) {
            detail::format_string_does_not_fit_its_arguments(); // not constexpr: the compilation fails here
        }
    }
    [[nodiscard]] constexpr const char* text() const { return text_; }

private:
    const char* text_;
};

// Writes `format` to `sink` with each {} replaced by the next argument.
template <class... Args>
[[gnu::always_inline]] inline void print(Sink& sink, FormatString<std::type_identity_t<Args>...> format,
                                         const Args&... arguments) {
    detail::print_lowered(sink, format.text(), detail::kinds_of<Args...>(), detail::lower(arguments)...);
}

// A number of bytes for people: "640 KiB", "3.0 GiB", "12 bytes".
struct ByteCount {
    std::uint64_t bytes = 0;
};
void print_to(Sink& sink, const ByteCount& count);

} // namespace quire
