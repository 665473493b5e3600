// The names of the owner classes.
#include "kernel/memory/frames/owner.h"

namespace quire {

std::string_view name_of(Owner owner) {
    switch (owner) {
    case Owner::absent: return "absent";
    case Owner::free: return "free";
    case Owner::reserved: return "reserved";
    case Owner::kernel: return "kernel image";
    case Owner::module: return "boot module";
    case Owner::metadata: return "frame metadata";
    case Owner::zero: return "zero page";
    case Owner::page_table: return "page table";
    case Owner::heap: return "heap";
    case Owner::heap_metadata: return "heap metadata";
    case Owner::stack: return "kernel stack";
    case Owner::anonymous: return "anonymous";
    case Owner::file: return "file";
    case Owner::shared: return "shared";
    case Owner::test: return "test";
    }
    return "unknown owner";
}

} // namespace quire
