// What compiled C++ expects of a library and a kernel does not have: the ends of the standard library's checks (there
// are no exceptions, so a failed check is a broken invariant) and calls of pure virtual functions.
#include "kernel/machine/upcalls.h"

#include <cstddef>

namespace std {

void __throw_out_of_range_fmt(const char* /*format*/, ...) { // NOLINT: the library's name and signature
    quire::machine::on_broken_invariant("a position beyond the end of a string or array");
}

void __throw_out_of_range(const char* /*why*/) { // NOLINT: the library's name
    quire::machine::on_broken_invariant("a position beyond the end of a string or array");
}

void __throw_length_error(const char* /*why*/) { // NOLINT: the library's name
    quire::machine::on_broken_invariant("a length beyond what the standard library allows");
}

} // namespace std

extern "C" {

[[noreturn]] void abort() {
    quire::machine::on_broken_invariant("abort() was called");
}

[[noreturn]] void __cxa_pure_virtual() { // NOLINT(bugprone-reserved-identifier): the C++ ABI's name
    quire::machine::on_broken_invariant("a pure virtual function was called");
}
}

// Destructors of classes with virtual ones refer to these. Nothing in the kernel is created with new.
void operator delete(void* /*object*/) noexcept {
    quire::machine::on_broken_invariant("operator delete was called");
}

void operator delete(void* object, std::size_t /*size*/) noexcept {
    operator delete(object);
}
