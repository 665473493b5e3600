// A counted reference to an object that counts its holders itself, by retain() and release(). The last release() ends
// the object in whatever way the object chooses; this class allocates and frees nothing.
#pragma once

#include "kernel/lib/result.h"

#include <cstddef>
#include <utility>

namespace quire {

template <class T> class Ref {
public:
    constexpr Ref() = default;
    constexpr Ref(std::nullptr_t) {} // NOLINT(google-explicit-constructor): no object is a value of every reference
    // One more holder of `object`.
    explicit Ref(T& object) : object_(&object) { object.retain(); }
    // Takes over a count that `object` has already, such as the one it was made with. Null gives an empty reference.
    [[nodiscard]] static Ref adopt(T* object) {
        Ref taken;
        taken.object_ = object;
        return taken;
    }
    Ref(const Ref& other) : object_(other.object_) {
        if (object_ != nullptr) {
            object_->retain();
        }
    }
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    template <class Derived>
    Ref(Ref<Derived>&& other) noexcept : object_(other.leak()) {} // NOLINT(google-explicit-constructor): as pointers do
    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Ref() {
        if (object_ != nullptr) {
            object_->release();
        }
    }

    [[nodiscard]] T* get() const { return object_; }
    [[nodiscard]] T& operator*() const { return *object_; }
    [[nodiscard]] T* operator->() const { return object_; }
    [[nodiscard]] explicit operator bool() const { return object_ != nullptr; }
    // Gives the count to the caller, who has to release() it.
    [[nodiscard]] T* leak() { return std::exchange(object_, nullptr); }

private:
    T* object_ = nullptr;
};

// What was just made, as a reference that takes over the count it was made with.
template <class T> [[nodiscard]] Result<Ref<T>> adopt(Result<T*> made) {
    if (!made) {
        return fail(made.error());
    }
    return Ref<T>::adopt(*made);
}

} // namespace quire
