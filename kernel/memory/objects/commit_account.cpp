// The names of the policies.
#include "kernel/memory/objects/commit_account.h"

namespace quire {

std::string_view name_of(CommitPolicy policy) {
    switch (policy) {
    case CommitPolicy::guess: return "guess";
    case CommitPolicy::always: return "always";
    case CommitPolicy::never: return "never";
    }
    return "";
}

} // namespace quire
