// The names and sentences of the errors.
#include "kernel/lib/result.h"

namespace quire {

std::string_view name_of(Error error) {
    switch (error) {
    case Error::out_of_memory: return "out of memory";
    case Error::limit_reached: return "limit reached";
    case Error::too_large: return "too large";
    case Error::invalid_argument: return "invalid argument";
    case Error::misaligned: return "misaligned";
    case Error::out_of_range: return "out of range";
    case Error::double_free: return "double free";
    case Error::reserved: return "reserved";
    case Error::foreign: return "foreign";
    case Error::interior: return "interior";
    case Error::not_free: return "not free";
    case Error::not_mapped: return "not mapped";
    case Error::already_mapped: return "already mapped";
    case Error::large_page: return "large page";
    case Error::overflow: return "overflow";
    case Error::not_supported: return "not supported";
    case Error::malformed: return "malformed";
    case Error::truncated: return "truncated";
    }
    return "unknown error";
}

std::string_view explain(Error error) {
    switch (error) {
    case Error::out_of_memory: return "nothing of the wanted kind is free";
    case Error::limit_reached: return "memory is left, but this owner has used up its share";
    case Error::too_large: return "the size overflows or is more than could ever be given";
    case Error::invalid_argument: return "the argument makes no sense here";
    case Error::misaligned: return "the address does not lie on the boundary it must lie on";
    case Error::out_of_range: return "the address or number is beyond what there is";
    case Error::double_free: return "it was given back before";
    case Error::reserved: return "the frame is no usable RAM or was set aside at boot";
    case Error::foreign: return "it was never handed out here";
    case Error::interior: return "the pointer is inside a block, not at its start";
    case Error::not_free: return "it is in use";
    case Error::not_mapped: return "no present entry translates the page";
    case Error::already_mapped: return "the page is translated already";
    case Error::large_page: return "the page is part of a 4 MiB page, which is one piece";
    case Error::overflow: return "the counter is at its maximum";
    case Error::not_supported: return "this machine or build lacks it";
    case Error::malformed: return "the input does not follow its format";
    case Error::truncated: return "the input ends too early";
    }
    return "";
}

} // namespace quire
