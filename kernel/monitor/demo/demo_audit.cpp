// The last chapter of the demo: all the books agree, and the demo has left memory as it found it.
#include "kernel/monitor/demo/demo.h"
#include "kernel/torus/audit.h"
#include "kernel/torus/torus.h"

namespace quire {

void demo_audit(Narrator& narrator) {
    narrator.tell("Nothing above is to be believed unless the books balance: every frame has one "
                  "owner, every mapping leads to a frame of the right owner, the heap's records fit.");
    const Memory& memory = narrator.memory();
    narrator.give_back_unused();
    AuditReport report{narrator.context().out};
    audit_torus(narrator.context().torus, report);
    narrator.check("Check all of the memory manager's books against each other.", "0 failed",
                   report.checks() > 0 && report.failures() == 0, "{:,} checks, {} failed", report.checks(),
                   report.failures());
    narrator.check("Count the free frames.", "as many as at the start",
                   memory.frames.free_count() == narrator.free_at_start(), "{:,}, {:,}", narrator.free_at_start(),
                   memory.frames.free_count());
    const std::uint32_t now = narrator.fingerprint_of_free_frames();
    narrator.check("Compare which frames are free, by a fingerprint of all of them.", "the very same ones",
                   now == narrator.fingerprint_at_start(), "{:08x}, {:08x}", narrator.fingerprint_at_start(), now);
}

} // namespace quire
