// print() writes what its format string promises, for every kind of argument.
#include "kernel/lib/format.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <limits>

namespace quire {
namespace {

template <class... Args>
std::string printed(FormatString<std::type_identity_t<Args>...> format, const Args&... arguments) {
    test::StringSink sink;
    print(sink, format, arguments...);
    return sink.text();
}

struct Point {
    int x, y;
};
void print_to(Sink& sink, const Point& point) {
    print(sink, "({}, {})", point.x, point.y);
}

TEST_CASE("print writes plain text and escaped braces", "[format]") {
    CHECK(printed("") == "");
    CHECK(printed("no arguments") == "no arguments");
    CHECK(printed("{{}} {{{}}}", 1) == "{} {1}");
}

TEST_CASE("print writes every kind of argument", "[format]") {
    CHECK(printed("{} {} {}", 0, -1, 42U) == "0 -1 42");
    CHECK(printed("{}", std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(printed("{}", std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(printed("{} {}", true, false) == "yes no");
    CHECK(printed("{}{}", 'a', "bc") == "abc");
    CHECK(printed("{}", std::string_view("view")) == "view");
    CHECK(printed("{}", Point{1, -2}) == "(1, -2)");
}

TEST_CASE("print aligns, fills, groups and changes base", "[format]") {
    CHECK(printed("[{:5}]", 42) == "[   42]");
    CHECK(printed("[{:<5}]", 42) == "[42   ]");
    CHECK(printed("[{:05}]", -42) == "[-0042]");
    CHECK(printed("[{:x}] [{:#x}] [{:#010x}]", 0xC0FFEE, 0xC0FFEE, 0xC0FFEE) == "[c0ffee] [0xc0ffee] [0x00c0ffee]");
    CHECK(printed("{:,} {:,} {:,}", 999, 1000, 1234567) == "999 1,000 1,234,567");
    CHECK(printed("[{:6}] [{:>6}]", "abc", "abc") == "[abc   ] [   abc]");
    CHECK(printed("[{:>10}]", Point{3, 4}) == "[    (3, 4)]");
    CHECK(printed("[{:2}]", "longer") == "[longer]");
}

TEST_CASE("byte counts choose their unit", "[format]") {
    CHECK(printed("{}", ByteCount{0}) == "0 bytes");
    CHECK(printed("{}", ByteCount{1023}) == "1023 bytes");
    CHECK(printed("{}", ByteCount{1024}) == "1 KiB");
    CHECK(printed("{}", ByteCount{1536}) == "1.5 KiB");
    CHECK(printed("{}", ByteCount{640 * 1024}) == "640 KiB");
    CHECK(printed("{}", ByteCount{std::uint64_t{3} << 30}) == "3 GiB");
}

TEST_CASE("a full buffer drops the rest and says so", "[format]") {
    std::array<char, 4> buffer{};
    BufferSink sink{buffer};
    print(sink, "{}", "abc");
    CHECK_FALSE(sink.truncated());
    print(sink, "{}", "de");
    CHECK(sink.truncated());
    CHECK(sink.text() == "abcd");
}

} // namespace
} // namespace quire
