// Objects on the kernel heap, made and destroyed as a whole. Whoever makes one owns it; no exception is ever thrown.
#pragma once

#include "kernel/lib/panic.h"
#include "kernel/lib/result.h"
#include "kernel/memory/heap/kernel_heap.h"

#include <memory>
#include <new>
#include <source_location>
#include <utility>

namespace quire {

// A heap, and the line that asks it for something: made by itself from the heap where one is passed.
struct HeapSite {
    // NOLINTNEXTLINE(google-explicit-constructor): so that callers pass the heap
    HeapSite(KernelHeap& its_heap, std::source_location its_line = std::source_location::current())
        : heap(its_heap), line(its_line) {}

    KernelHeap& heap;
    std::source_location line;
};

// A new T on the heap, built from `arguments`. Errors: out_of_memory, limit_reached. O(1) and T's constructor.
template <class T, class... Arguments> [[nodiscard]] Result<T*> make_object(HeapSite site, Arguments&&... arguments) {
    constexpr std::size_t alignment =
        alignof(T) > KernelHeap::default_alignment ? alignof(T) : KernelHeap::default_alignment;
    const Result<void*> place = site.heap.allocate(sizeof(T), alignment, HeapOwner::kernel, site.line);
    if (!place) {
        return fail(place.error());
    }
    return ::new (*place) T(std::forward<Arguments>(arguments)...);
}

// Ends an object that make_object made; null is nothing.
template <class T> void destroy_object(HeapSite site, T* object) {
    if (object != nullptr) {
        std::destroy_at(object);
        must_succeed(site.heap.free(object, site.line));
    }
}

} // namespace quire
