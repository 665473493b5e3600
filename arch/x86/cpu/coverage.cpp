// For a kernel built to count which of its lines run (QUIRE_COVERAGE): the compiler's counters, written to QEMU's debug
// console when the machine is switched off. tools/coverage reads them there. In any other build this file is not there.
#include "arch/x86/cpu/coverage.h"

#include "arch/x86/devices/io_ports.h"

#include <cstdint>
#include <cstring>

extern "C" {
#include <gcov.h>
}

// One for each source file, gathered by the linker.
extern "C" {
extern const gcov_info* const coverage_start[];
extern const gcov_info* const coverage_end[];

// What libgcov's part for machines without files wants of a C library, and never needs here.
void* mmap64() {
    return nullptr;
}
// Counters of several runs are added up on the host.
void __gcov_merge_add(long long*, unsigned) {} // NOLINT(bugprone-reserved-identifier): libgcov calls it so
}

namespace quire::machine {

namespace {

constexpr Port debug_console = 0xE9; // QEMU's isa-debugcon, Bochs's port e9 hack

// A record: what it is, how many bytes follow, and those.
void put_record(char kind, const void* bytes, unsigned size) {
    write_port8(debug_console, static_cast<std::uint8_t>(kind));
    for (unsigned shift = 0; shift < 32; shift += 8) {
        write_port8(debug_console, static_cast<std::uint8_t>(size >> shift));
    }
    for (unsigned at = 0; at < size; ++at) {
        write_port8(debug_console, static_cast<const std::uint8_t*>(bytes)[at]);
    }
}

void put_name(const char* name, void*) {
    put_record('F', name, static_cast<unsigned>(std::strlen(name)));
}

void put_data(const void* bytes, unsigned size, void*) {
    put_record('D', bytes, size);
}

void* allocate_nothing(unsigned, void*) {
    return nullptr;
}

} // namespace

void report_coverage() {
    for (const gcov_info* const* each = coverage_start; each != coverage_end; ++each) {
        __gcov_info_to_gcda(*each, put_name, put_data, allocate_nothing, nullptr);
    }
}

} // namespace quire::machine
