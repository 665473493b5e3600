// A pool of equal objects in pages of the kernel heap: taking one and giving it back are a few instructions, and room
// can be reserved, so that what needs several objects fails before it has begun. It owns the pages; when the last
// object is back, the heap has them all again.
#pragma once

#include "kernel/lib/list.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/result.h"
#include "kernel/memory/heap/kernel_heap.h"

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace quire {

template <class T> class ObjectPool {
    static_assert(std::is_trivially_destructible_v<T>, "an object is given back without a word");

public:
    explicit ObjectPool(KernelHeap& heap) : heap_(&heap) {}
    ObjectPool(const ObjectPool&) = delete;
    ObjectPool& operator=(const ObjectPool&) = delete;

    // Room that reserve() leaves free for reserve_last().
    static constexpr std::uint32_t last_room = 8;

    // Sees to it that the next `count` calls of take() find room. Giving objects back in between never takes away the
    // room of the last page. Errors: out_of_memory, limit_reached. O(1) as a rule.
    [[nodiscard]] Result<void> reserve(std::uint32_t count) { return reserve_last(count + last_room); }
    // The same for what helps to free memory: it may use up the last room, and so works some times more when the heap
    // has none to give.
    [[nodiscard]] Result<void> reserve_last(std::uint32_t count) {
        while (room_ < count) {
            if (const Result<void> added = add_chunk(); !added) [[unlikely]] {
                trim();
                return added;
            }
        }
        return {};
    }
    // A new object, out of the room that was reserved. O(1).
    [[nodiscard]] T* take() {
        Chunk* const chunk = with_room_.front();
        if (chunk == nullptr) [[unlikely]] {
            panic("an object is taken where room was reserved");
        }
        Slot* slot = chunk->freed;
        if (slot != nullptr) {
            chunk->freed = slot->next;
        } else {
            slot = chunk->slots() + chunk->touched++;
        }
        if (++chunk->used == slots_per_chunk) {
            with_room_.erase(*chunk);
        }
        --room_;
        ++live_;
        return ::new (slot) T;
    }
    // Takes an object back. O(1).
    void give_back(T* object) {
        auto* const slot = reinterpret_cast<Slot*>(object);
        Chunk* const chunk = chunk_of(object);
        slot->next = chunk->freed;
        chunk->freed = slot;
        ++room_;
        --live_;
        if (chunk->used-- == slots_per_chunk) {
            with_room_.push_front(*chunk);
        }
        if (chunk->used == 0 && room_ >= 2 * slots_per_chunk) {
            give_to_heap(*chunk); // not the last room, which somebody may have reserved
        }
    }
    // Gives the heap what holds no object, where none is live. O(pages).
    void trim() {
        while (live_ == 0 && !with_room_.empty()) {
            give_to_heap(*with_room_.front());
        }
    }

    [[nodiscard]] std::uint32_t live() const { return live_; }

private:
    static constexpr std::size_t chunk_bytes = 4096; // and its alignment, so that an object finds its chunk

    union Slot {
        Slot* next;
        alignas(T) std::byte object[sizeof(T)];
    };
    struct Chunk {
        ListLink<Chunk> link;
        Slot* freed = nullptr;
        std::uint32_t touched = 0; // slots that have been used once
        std::uint32_t used = 0;

        [[nodiscard]] Slot* slots() { return reinterpret_cast<Slot*>(reinterpret_cast<std::byte*>(this) + first_slot); }
    };
    static constexpr std::size_t first_slot = (sizeof(Chunk) + alignof(Slot) - 1) / alignof(Slot) * alignof(Slot);
    static constexpr std::uint32_t slots_per_chunk = (chunk_bytes - first_slot) / sizeof(Slot);
    static_assert(slots_per_chunk > 1);

    [[nodiscard]] static Chunk* chunk_of(T* object) {
        return reinterpret_cast<Chunk*>(reinterpret_cast<std::uintptr_t>(object) & ~(chunk_bytes - 1));
    }
    [[nodiscard]] Result<void> add_chunk() {
        const Result<void*> place = heap_->allocate(chunk_bytes, chunk_bytes);
        if (!place) {
            return fail(place.error());
        }
        with_room_.push_back(*::new (*place) Chunk);
        room_ += slots_per_chunk;
        return {};
    }
    void give_to_heap(Chunk& chunk) {
        with_room_.erase(chunk);
        room_ -= slots_per_chunk;
        ensure(heap_->free(&chunk).has_value(), "a pool's page came from the heap");
    }

    KernelHeap* heap_;
    List<Chunk, &Chunk::link> with_room_;
    std::uint32_t room_ = 0;
    std::uint32_t live_ = 0;
};

} // namespace quire
