// Books that a test holds against themselves.
#pragma once

#include "kernel/lib/audit_report.h"
#include "tests/host/support/string_sink.h"

#include <catch2/catch.hpp>

namespace quire::test {

// Fails the test where the books of any of these do not balance, or where nothing was checked.
template <class... Books> void require_audit(const Books&... books) {
    StringSink text;
    AuditReport report(text);
    (books.audit(report), ...);
    INFO(text.text());
    REQUIRE(report.checks() > 0);
    REQUIRE(report.failures() == 0);
}

} // namespace quire::test
