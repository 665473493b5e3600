// How addresses, frames and pages look in text. Physical and virtual ones print differently, so that a reader of a
// report never takes one for the other.
#pragma once

#include "kernel/lib/format.h"
#include "kernel/machine/address.h"

namespace quire {

inline void print_to(Sink& sink, const PhysAddr& address) {
    print(sink, "P:{:08x}", address.value());
}
inline void print_to(Sink& sink, const VirtAddr& address) {
    print(sink, "{:#010x}", address.value());
}
inline void print_to(Sink& sink, const Frame& frame) {
    print(sink, "frame {:#x}", frame.number());
}
inline void print_to(Sink& sink, const Page& page) {
    print(sink, "page {:#x}", page.number());
}

} // namespace quire
