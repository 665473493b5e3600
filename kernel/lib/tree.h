// A balanced search tree (AVL) through links inside its items: nothing is allocated. What the order is, its user knows,
// who also searches; the tree keeps itself flat and keeps a value in each item that sums up its subtree, such as the
// largest of something. It owns none of its items.
#pragma once

#include <cstdint>

namespace quire {

template <class T> struct TreeLink {
    T* parent = nullptr;
    T* left = nullptr;
    T* right = nullptr;
    std::uint8_t height = 1; // of the subtree; a leaf's is 1
};

// `sum_up(item)` recomputes what the item sums up from its children's sums, and says whether that changed.
template <class T, TreeLink<T> T::*link, bool (*sum_up)(T& item)> class Tree {
public:
    [[nodiscard]] T* root() const { return root_; }
    [[nodiscard]] static T* left(const T& item) { return (item.*link).left; }
    [[nodiscard]] static T* right(const T& item) { return (item.*link).right; }
    [[nodiscard]] static T* parent(const T& item) { return (item.*link).parent; }
    [[nodiscard]] static unsigned height(const T* item) { return item != nullptr ? (item->*link).height : 0U; }

    // Puts `item` between `before` and `after`, which follow each other; null stands for no neighbour. O(log n).
    void insert_between(T& item, T* before, T* after) {
        item.*link = {};
        if (before != nullptr && (before->*link).right == nullptr) {
            attach(*before, (before->*link).right, item);
        } else if (after != nullptr) {
            attach(*after, (after->*link).left, item); // it is the leftmost to the right of `before`
        } else {
            root_ = &item;
        }
        sum_up(item);
        balance_upwards((item.*link).parent);
    }

    // Takes `item` out; it must be in. O(log n).
    void erase(T& item) {
        TreeLink<T>& its = item.*link;
        T* changed = its.parent;
        T* heir = nullptr;
        if (its.left != nullptr && its.right != nullptr) {
            // Its successor, the leftmost to the right, takes its place.
            heir = its.right;
            while ((heir->*link).left != nullptr) {
                heir = (heir->*link).left;
            }
            TreeLink<T>& heirs = heir->*link;
            if (heir == its.right) {
                changed = heir;
            } else {
                changed = heirs.parent;
                (changed->*link).left = heirs.right;
                adopt(changed, heirs.right);
                heirs.right = its.right;
                adopt(heir, heirs.right);
            }
            heirs.left = its.left;
            adopt(heir, heirs.left);
            heirs.height = its.height;
            replace(item, heir);
        } else {
            replace(item, its.left != nullptr ? its.left : its.right);
        }
        its = {};
        balance_upwards(changed);
        if (heir != nullptr) {
            // What the heir summed up was another subtree: compared with that, nothing may have seemed to change.
            sum_up(*heir);
            if (T* const above = (heir->*link).parent; above != nullptr) {
                refresh(*above);
            }
        }
    }

    // What `item` sums up of itself has changed: sums up again as far as it shows. O(log n).
    static void refresh(T& item) {
        for (T* each = &item; each != nullptr && sum_up(*each); each = (each->*link).parent) {
        }
    }

    // Makes this tree, which is empty, the same shape as `other`. `copy(const T&)` gives the counterpart of an item
    // with what it sums up, and is called in order. O(n).
    template <class Copy> void copy_shape(const Tree& other, Copy&& copy) {
        root_ = copy_subtree(other.root_, nullptr, copy);
    }
    // Forgets all items. Their links are as they were.
    void clear() { root_ = nullptr; }

    // Whether links and heights of the whole tree are right. O(n).
    [[nodiscard]] bool balanced() const { return checked_height(root_, nullptr) >= 0; }

private:
    static void attach(T& parent, T*& place, T& item) {
        place = &item;
        (item.*link).parent = &parent;
    }
    static void adopt(T* parent, T* child) {
        if (child != nullptr) {
            (child->*link).parent = parent;
        }
    }
    // `other`, or nothing, where `item` was.
    void replace(T& item, T* other) {
        T* const parent = (item.*link).parent;
        if (parent == nullptr) {
            root_ = other;
        } else {
            ((parent->*link).left == &item ? (parent->*link).left : (parent->*link).right) = other;
        }
        adopt(parent, other);
    }
    static void measure(T& item) {
        const unsigned left_height = height((item.*link).left);
        const unsigned right_height = height((item.*link).right);
        (item.*link).height = static_cast<std::uint8_t>((left_height > right_height ? left_height : right_height) + 1);
    }
    // The child on one side takes its parent's place, which becomes its child on the other.
    T* rotate(T& item, T* TreeLink<T>::*from, T* TreeLink<T>::*to) {
        T* const up = item.*link.*from;
        replace(item, up);
        item.*link.*from = up->*link.*to;
        adopt(&item, item.*link.*from);
        up->*link.*to = &item;
        (item.*link).parent = up;
        measure(item);
        sum_up(item);
        measure(*up);
        sum_up(*up);
        return up;
    }
    T* lean(T& item, T* TreeLink<T>::*heavy, T* TreeLink<T>::*light) {
        T* const child = item.*link.*heavy;
        if (height(child->*link.*heavy) < height(child->*link.*light)) {
            rotate(*child, light, heavy);
        }
        return rotate(item, heavy, light);
    }
    void balance_upwards(T* item) {
        for (; item != nullptr; item = (item->*link).parent) {
            const unsigned before = (item->*link).height;
            const unsigned left_height = height((item->*link).left);
            const unsigned right_height = height((item->*link).right);
            bool changed = false;
            if (left_height > right_height + 1) {
                item = lean(*item, &TreeLink<T>::left, &TreeLink<T>::right);
                changed = true;
            } else if (right_height > left_height + 1) {
                item = lean(*item, &TreeLink<T>::right, &TreeLink<T>::left);
                changed = true;
            } else {
                measure(*item);
                changed = sum_up(*item);
            }
            if (!changed && (item->*link).height == before) {
                return;
            }
        }
    }
    template <class Copy> static T* copy_subtree(const T* item, T* parent, Copy& copy) {
        if (item == nullptr) {
            return nullptr;
        }
        T* const left_copy = copy_subtree((item->*link).left, nullptr, copy);
        T* const made = copy(*item);
        TreeLink<T>& its = made->*link;
        its.parent = parent;
        its.left = left_copy;
        adopt(made, left_copy);
        its.height = (item->*link).height;
        its.right = copy_subtree((item->*link).right, made, copy);
        return made;
    }
    // The height, or a negative number where something is wrong.
    static int checked_height(const T* item, const T* parent) {
        if (item == nullptr) {
            return 0;
        }
        const int left_height = checked_height((item->*link).left, item);
        const int right_height = checked_height((item->*link).right, item);
        const int difference = left_height - right_height;
        const int higher = difference > 0 ? left_height : right_height;
        const bool good = left_height >= 0 && right_height >= 0 && difference >= -1 && difference <= 1 &&
                          (item->*link).parent == parent && (item->*link).height == higher + 1;
        return good ? higher + 1 : -1;
    }

    T* root_ = nullptr;
};

} // namespace quire
