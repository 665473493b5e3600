// The words of regions: accesses and kinds as text.
#include "kernel/memory/regions/region.h"

namespace quire {

void print_to(Sink& sink, const Access& access) {
    print(sink, "{}{}{}", access.read ? 'r' : '-', access.write ? 'w' : '-', access.execute ? 'x' : '-');
}

std::string_view name_of(RegionKind kind) {
    switch (kind) {
    case RegionKind::mapping: return "mapping";
    case RegionKind::program: return "program";
    case RegionKind::heap: return "heap";
    case RegionKind::stack: return "stack";
    case RegionKind::signal_page: return "sigpage";
    }
    return "";
}

} // namespace quire
