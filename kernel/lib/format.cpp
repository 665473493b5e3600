// Turns numbers and arguments into characters. See format.h for the language of the format strings.
#include "kernel/lib/format.h"

#include <algorithm>

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

void write_argument(Sink& sink, const detail::Argument& argument, const FormatSpec& spec) {
    using Kind = detail::Argument::Kind;
    const bool right = spec.align == FormatSpec::Align::right;
    switch (argument.kind) {
    case Kind::unsigned_number: write_number(sink, argument.number, false, spec); break;
    case Kind::signed_number: {
        const bool negative = static_cast<std::int64_t>(argument.number) < 0;
        write_number(sink, negative ? 0 - argument.number : argument.number, negative, spec);
        break;
    }
    case Kind::character: {
        const char c = static_cast<char>(argument.number);
        write_padded(sink, {&c, 1}, spec, right);
        break;
    }
    case Kind::text: write_padded(sink, argument.text, spec, right); break;
    case Kind::custom: {
        if (spec.width == 0) {
            argument.custom.printer(sink, argument.custom.object);
            break;
        }
        std::array<char, 96> buffer{};
        BufferSink text{buffer};
        argument.custom.printer(text, argument.custom.object);
        write_padded(sink, text.text(), spec, right);
        break;
    }
    }
}

} // namespace

void detail::print_arguments(Sink& sink, std::string_view format, std::span<const Argument> arguments) {
    std::size_t next = 0;
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
        parse_spec(format, at, spec); // valid: checked when the format string was made
        write_argument(sink, arguments[next++], spec);
        literal_from = at;
    }
    sink.write(format.substr(literal_from));
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
