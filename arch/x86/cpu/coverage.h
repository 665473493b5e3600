// Where a kernel built with QUIRE_COVERAGE tells which lines ran; see coverage.cpp.
#pragma once

namespace quire::machine {

#ifdef QUIRE_COVERAGE
void report_coverage();
#else
inline void report_coverage() {}
#endif

} // namespace quire::machine
