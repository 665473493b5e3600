// Error codes and flags are spelled out as the Intel manual defines their bits.
#include "kernel/monitor/report/trap_text.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>
#include <set>

namespace quire {
namespace {

template <class T> std::string printed(const T& value) {
    test::StringSink sink;
    print(sink, "{}", value);
    return sink.text();
}

TEST_CASE("a page fault's error code is spelled out bit by bit", "[trap]") {
    CHECK(printed(PageFaultCode{0}) == "0x0: P=0 no translation: not present, W/R=0 a read, U/S=0 by the kernel");
    CHECK(printed(PageFaultCode{7}) == "0x7: P=1 the page is present, but this access is not allowed, W/R=1 a write, "
                                       "U/S=1 by a program in ring 3");
    CHECK(printed(PageFaultCode{0x9}) == "0x9: P=1 the page is present, but this access is not allowed, W/R=0 a read, "
                                         "U/S=0 by the kernel, RSVD=1 a reserved bit of an entry is set");
    CHECK(printed(PageFaultCode{0x8070})
              .ends_with("I/D=1 an instruction fetch, PK=1 refused by a protection key, "
                         "SS=1 a shadow-stack access, SGX=1 refused by SGX"));
}

TEST_CASE("a fetch is told by its bit, or by EIP where the processor does not set it", "[trap]") {
    machine::TrapFrame frame{};
    frame.eip = 0xC0100000;
    frame.fault_address = 0x1000;
    CHECK(access_of(frame) == AccessKind::read);
    frame.error_code = 2;
    CHECK(access_of(frame) == AccessKind::write);
    frame.error_code = 0x10;
    CHECK(access_of(frame) == AccessKind::fetch);
    frame.error_code = 0;
    frame.eip = 0x1000;
    CHECK(access_of(frame) == AccessKind::fetch);
}

TEST_CASE("a selector error code names table, entry and origin", "[trap]") {
    CHECK(printed(SelectorErrorCode{0}) == "0x0: no selector or gate is to blame");
    CHECK(printed(SelectorErrorCode{0xFFF8}) == "0xfff8: entry 8191 of the GDT, by the program itself");
    CHECK(printed(SelectorErrorCode{0x0C}) == "0xc: entry 1 of the LDT, by the program itself");
    CHECK(printed(SelectorErrorCode{0x60 * 8 + 2}) ==
          "0x302: entry 96 of the IDT, by the program itself (vector 0x60)");
    CHECK(printed(SelectorErrorCode{0x21 * 8 + 3}) ==
          "0x10b: entry 33 of the IDT, while an event from outside was delivered (vector 0x21)");
    for (const std::uint32_t vector : {10U, 11U, 12U, 13U}) {
        CHECK(has_selector_error_code(vector));
    }
    for (const std::uint32_t vector : {0U, 8U, 14U, 17U, 21U}) {
        CHECK_FALSE(has_selector_error_code(vector));
    }
}

TEST_CASE("every exception the manual names has its own explanation", "[trap]") {
    std::set<std::string_view> seen;
    for (const std::uint32_t vector :
         {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 10U, 11U, 12U, 13U, 14U, 16U, 17U, 18U, 19U}) {
        const ExceptionText& text = text_of_exception(vector);
        CAPTURE(vector);
        CHECK(text.vector == vector);
        CHECK(seen.insert(text.what).second);
        CHECK(text.what.ends_with('.'));
        CHECK(text.likely_cause.ends_with('.'));
    }
    CHECK(text_of_exception(0x80).what.find("system call") != std::string_view::npos);
    CHECK(text_of_exception(15).what == text_of_exception(200).what);
}

TEST_CASE("EFLAGS names the bits that are set", "[trap]") {
    CHECK(printed(Eflags{0x2}).empty());
    CHECK(printed(Eflags{0x246}) == "IF ZF PF");
    CHECK(printed(Eflags{0x3A97}) == "OF IF SF AF PF CF IOPL=3");
}

} // namespace
} // namespace quire
