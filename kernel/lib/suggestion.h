// The known word that a mistyped one was meant to be.
#pragma once

#include <string_view>

namespace quire {

// How many single-character changes (insert, delete, replace, swap two neighbours) make one word from the other:
// the optimal string alignment distance. Words of more than 31 characters count as unlike any. O(product of
// lengths).
[[nodiscard]] unsigned edit_distance(std::string_view a, std::string_view b);

// Looks for the known word that a mistyped one was meant to be.
class Suggestion {
public:
    explicit Suggestion(std::string_view typed) : typed_(typed) {}
    void consider(std::string_view known);
    // The nearest of the words considered, or an empty one where none is near enough to be meant.
    [[nodiscard]] std::string_view best() const { return best_; }

private:
    std::string_view typed_;
    std::string_view best_{};
    unsigned distance_ = 0;
};

} // namespace quire
