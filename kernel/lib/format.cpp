// Turns numbers and arguments into characters. See format.h for the language of the format strings.
#include "kernel/lib/format.h"

#include <algorithm>
#include <cstdarg>

namespace quire {

void BufferSink::write(std::string_view text) {
    const std::size_t fits = std::min(text.size(), buffer_.size() - used_);
    std::copy_n(text.begin(), fits, buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += fits;
    truncated_ = truncated_ || fits < text.size();
}

namespace {

void write_repeated(Sink& sink, char c, std::size_t count) {
    const std::array<char, 16> chunk = [c] {
        std::array<char, 16> filled{};
        filled.fill(c);
        return filled;
    }();
    while (count > 0) {
        const std::size_t part = std::min(count, chunk.size());
        sink.write({chunk.data(), part});
        count -= part;
    }
}

void write_padded(Sink& sink, std::string_view text, const FormatSpec& spec, bool right) {
    const std::size_t padding = spec.width > text.size() ? spec.width - text.size() : 0;
    if (right) {
        write_repeated(sink, ' ', padding);
    }
    sink.write(text);
    if (!right) {
        write_repeated(sink, ' ', padding);
    }
}

void write_number(Sink& sink, std::uint64_t magnitude, bool negative, const FormatSpec& spec) {
    // 20 decimal digits, 6 commas, a sign; or 16 hexadecimal digits: built from the right.
    std::array<char, 32> buffer{};
    std::size_t at = buffer.size();
    const unsigned base = spec.hexadecimal ? 16 : 10;
    unsigned digits = 0;
    do {
        if (spec.commas && digits > 0 && digits % 3 == 0) {
            buffer[--at] = ',';
        }
        // 64-bit division is a library call on a 32-bit machine; most numbers do not need it.
        unsigned digit = 0;
        if (magnitude >> 32 == 0) {
            const auto small = static_cast<std::uint32_t>(magnitude);
            digit = small % base;
            magnitude = small / base;
        } else {
            digit = static_cast<unsigned>(magnitude % base);
            magnitude /= base;
        }
        buffer[--at] = "0123456789abcdef"[digit];
        ++digits;
    } while (magnitude != 0);

    const std::string_view body{buffer.data() + at, buffer.size() - at};
    const std::string_view sign = negative ? "-" : "";
    const std::string_view prefix = spec.prefix ? "0x" : "";
    const std::size_t length = sign.size() + prefix.size() + body.size();
    const std::size_t padding = spec.width > length ? spec.width - length : 0;
    const bool left = spec.align == FormatSpec::Align::left;
    if (!left && !spec.zero_fill) {
        write_repeated(sink, ' ', padding);
    }
    sink.write(sign);
    sink.write(prefix);
    if (!left && spec.zero_fill) {
        write_repeated(sink, '0', padding);
    }
    sink.write(body);
    if (left) {
        write_repeated(sink, ' ', padding);
    }
}

void write_signed(Sink& sink, std::int64_t value, const FormatSpec& spec) {
    const auto bits = static_cast<std::uint64_t>(value);
    write_number(sink, value < 0 ? 0 - bits : bits, value < 0, spec);
}

void write_custom(Sink& sink, const detail::CustomArgument& argument, const FormatSpec& spec) {
    if (spec.width == 0) {
        argument.print(sink, argument.object);
        return;
    }
    std::array<char, 96> buffer{};
    BufferSink text{buffer};
    argument.print(text, argument.object);
    write_padded(sink, text.text(), spec, spec.align == FormatSpec::Align::right);
}

// Takes the arguments of print() back out of "...", in order.
class ArgumentReader {
public:
    // `list` is started and ended by whoever has it.
    ArgumentReader(std::va_list& list, std::uint32_t kinds) : list_(&list), kinds_(kinds) {}

    // Writes the next argument.
    void write(Sink& sink, const FormatSpec& spec) {
        using Kind = detail::ArgumentKind;
        const bool right = spec.align == FormatSpec::Align::right;
        switch (next_kind()) {
        case Kind::none: break; // not reached: the format string was checked
        case Kind::word: write_number(sink, va_arg(*list_, std::uint32_t), false, spec); break;
        case Kind::signed_word: write_signed(sink, va_arg(*list_, std::int32_t), spec); break;
        case Kind::long_word: write_number(sink, va_arg(*list_, std::uint64_t), false, spec); break;
        case Kind::signed_long: write_signed(sink, va_arg(*list_, std::int64_t), spec); break;
        case Kind::truth: write_padded(sink, va_arg(*list_, std::uint32_t) != 0 ? "yes" : "no", spec, right); break;
        case Kind::character: {
            const char c = static_cast<char>(va_arg(*list_, std::uint32_t));
            write_padded(sink, {&c, 1}, spec, right);
            break;
        }
        case Kind::text: {
            const auto text = va_arg(*list_, detail::TextArgument);
            write_padded(sink, {text.characters, text.size}, spec, right);
            break;
        }
        case Kind::custom: write_custom(sink, va_arg(*list_, detail::CustomArgument), spec); break;
        }
    }

private:
    detail::ArgumentKind next_kind() {
        const std::uint32_t kind = kinds_ & ((1U << detail::kind_bits) - 1);
        kinds_ >>= detail::kind_bits;
        return static_cast<detail::ArgumentKind>(kind);
    }

    std::va_list* list_;
    std::uint32_t kinds_;
};

void write_formatted(Sink& sink, std::string_view format, ArgumentReader arguments) {
    std::size_t literal_from = 0;
    for (std::size_t at = 0; at < format.size();) {
        const char c = format[at];
        if (c != '{' && c != '}') {
            ++at;
            continue;
        }
        sink.write(format.substr(literal_from, at - literal_from));
        ++at;
        if (at < format.size() && format[at] == c) { // an escaped brace
            literal_from = at++;
            continue;
        }
        FormatSpec spec;
        detail::parse_spec(format, at, spec); // valid: checked when the format string was made
        arguments.write(sink, spec);
        literal_from = at;
    }
    sink.write(format.substr(literal_from));
}

} // namespace

void detail::print_lowered(Sink& sink, const char* format, std::uint32_t kinds, ...) {
    std::va_list list;
    va_start(list, kinds);
    write_formatted(sink, format, ArgumentReader(list, kinds));
    va_end(list);
}

void print_to(Sink& sink, const ByteCount& count) {
    constexpr std::array<std::string_view, 4> units{"KiB", "MiB", "GiB", "TiB"};
    if (count.bytes < 1024) {
        print(sink, "{} bytes", count.bytes);
        return;
    }
    std::size_t unit = 0;
    std::uint64_t scale = 1024;
    while (unit + 1 < units.size() && count.bytes >= scale * 1024) {
        scale *= 1024;
        ++unit;
    }
    const std::uint64_t whole = count.bytes / scale;
    const std::uint64_t tenths = count.bytes % scale * 10 / scale;
    if (tenths == 0 || whole >= 100) {
        print(sink, "{} {}", whole, units[unit]);
    } else {
        print(sink, "{}.{} {}", whole, tenths, units[unit]);
    }
}

} // namespace quire
