// A process that makes system calls, without running: a booted machine with files, and the kernel's own process given
// what a program's has. Calls go in by their numbers, through the table, as INT 0x80 brings them.
#pragma once

#include "kernel/abi/structures.h"
#include "kernel/abi/user_memory.h"
#include "kernel/machine/upcalls.h"
#include "kernel/memory/space/address_space.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"
#include "tests/host/support/booted_torus.h"
#include "tests/host/support/string_sink.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace quire::test {

class CallsFixture {
public:
    CallsFixture() : userland(torus->memory, {}, std::nullopt, notes), process(userland.processes.kernel()) {
        torus->userland = &userland;
        process.space = Ref<AddressSpace>::adopt(AddressSpace::create(torus->memory).value());
        process.files = FileTable::create(torus->memory.heap).value();
        process.context = FileContext::create(torus->memory.heap, userland.files().names().root()).value();
        process.space->load();
        process.space->set_program_break_start(break_start);
    }
    ~CallsFixture() {
        torus->memory.directory.load();
        process.space = nullptr;
        process.files = nullptr;
        process.context = nullptr;
    }
    CallsFixture(const CallsFixture&) = delete;
    CallsFixture& operator=(const CallsFixture&) = delete;

    // What EAX becomes.
    template <class... Arguments> std::int32_t call(std::uint32_t number, Arguments... arguments) {
        const std::array<std::uint32_t, 6> words{word(arguments)...};
        machine::TrapFrame registers{};
        registers.vector = machine::vector::system_call;
        registers.eax = registers.error_code = number;
        registers.ebx = words[0];
        registers.ecx = words[1];
        registers.edx = words[2];
        registers.esi = words[3];
        registers.edi = words[4];
        registers.ebp = words[5];
        machine::on_system_call(registers);
        return static_cast<std::int32_t>(registers.eax);
    }

    // Memory of the program.
    VirtAddr map(std::uint32_t pages, quire::Access access = {.read = true, .write = true}) {
        return process.space->map({.hint = Page(0), .pages = pages, .access = access}).value().start();
    }
    // A page behind which nothing is.
    VirtAddr map_before_hole() {
        const VirtAddr start = map(2);
        REQUIRE(process.space->unmap(Page::containing(start) + 1, 1).has_value());
        return start;
    }
    template <class T> VirtAddr put(const T& value, VirtAddr at = {}) {
        const VirtAddr place = at != VirtAddr() ? at : next(sizeof(T));
        REQUIRE(abi::write_value(place, value).has_value());
        return place;
    }
    VirtAddr text(std::string_view text) {
        const VirtAddr place = next(text.size() + 1);
        REQUIRE(abi::write_memory(place, std::as_bytes(std::span(text))).has_value());
        put('\0', place + static_cast<std::uint32_t>(text.size()));
        return place;
    }
    template <class T> [[nodiscard]] T get(VirtAddr at) {
        const auto value = abi::read_value<T>(at);
        REQUIRE(value.has_value());
        return *value;
    }
    [[nodiscard]] std::string get_bytes(VirtAddr at, std::size_t count) {
        std::string bytes(count, '\0');
        REQUIRE(abi::read_memory(at, std::as_writable_bytes(std::span(bytes))).has_value());
        return bytes;
    }
    // Where something of that size may be put.
    VirtAddr next(std::size_t bytes) {
        const auto size = static_cast<std::uint32_t>((bytes + 7) / 8 * 8);
        if (scratch_ == VirtAddr() || scratch_left_ < size) {
            scratch_left_ = pages_for(size) * page_size;
            scratch_ = map(pages_for(size));
        }
        const VirtAddr place = scratch_;
        scratch_ = scratch_ + size;
        scratch_left_ -= size;
        return place;
    }

    static constexpr VirtAddr break_start{0x08100000};

    BootedTorus torus;
    StringSink notes;
    Userland userland;
    Process& process;

private:
    static std::uint32_t word(VirtAddr address) { return address.value(); }
    template <class T> static std::uint32_t word(T value) { return static_cast<std::uint32_t>(value); }

    VirtAddr scratch_;
    std::uint32_t scratch_left_ = 0;
};

} // namespace quire::test
