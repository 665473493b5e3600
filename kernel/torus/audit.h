// The audit of all that a torus has: its memory's books, and that processes, kernel stacks and memory agree.
#pragma once

#include "kernel/lib/audit_report.h"

namespace quire {

struct Torus;

// Changes nothing. O(frames + entries of all tables + processes).
void audit_torus(const Torus& torus, AuditReport& report);

} // namespace quire
