// Signal frames: a handler finds what Linux gives it where Linux puts it, sigreturn goes back to where the program was,
// and neither a missing stack nor a forged frame does more than end the program.
#include "kernel/machine/signal_fpu.h"
#include "kernel/machine/user_memory.h"
#include "kernel/process/signals/signal_frame.h"
#include "kernel/process/signals/signal_frame_layout.h"
#include "kernel/process/system_call_answer.h"
#include "tests/host/support/booted_torus.h"
#include "tests/host/support/random.h"

#include <catch2/catch.hpp>
#include <cstring>

namespace quire {
namespace {

using machine::TrapFrame;
namespace layout = signal_frame;

constexpr Page stack_page(0x50000);
constexpr std::uint32_t stack_pages = 4;
constexpr std::uint32_t autodisarm = 1U << 31;

// A program with a stack and room for an alternate one below it.
class Stacks {
public:
    Stacks() {
        for (std::uint32_t page = 0; page < stack_pages; ++page) {
            const Frame frame = torus->memory.frames.allocate(Owner::anonymous).value();
            REQUIRE(torus->memory.directory.map(stack_page + page, frame, protection::user_data));
        }
    }

    test::BootedTorus torus;
    std::uint32_t top = (stack_page + stack_pages).start().value();
    AlternateStack alternate{.start = stack_page.start().value(), .size = 2 * page_size};
};

TrapFrame some_registers(std::uint32_t stack_pointer) {
    TrapFrame registers = machine::initial_user_registers(VirtAddr(0x8048123), VirtAddr(stack_pointer));
    registers.eax = 1;
    registers.ebx = 2;
    registers.ecx = 3;
    registers.edx = 4;
    registers.esi = 5;
    registers.edi = 6;
    registers.ebp = 7;
    registers.gs = 0x33;
    registers.eflags |= 0x401; // carry, direction
    return registers;
}

template <class Frame> Frame read_frame(std::uint32_t address) {
    Frame frame;
    REQUIRE(machine::copy_from_user(&frame, VirtAddr(address), sizeof frame) == 0);
    return frame;
}

bool same(const TrapFrame& left, const TrapFrame& right) {
    TrapFrame one = left;
    TrapFrame other = right;
    system_call_number(one) = system_call_number(other) = 0;
    return std::memcmp(&one, &other, sizeof one) == 0;
}

SignalAction action(std::uint32_t flags) {
    return {.handler = 0x8049000, .flags = flags | SignalAction::has_restorer, .restorer = 0x804A000};
}

constexpr SignalInfo fault{.number = signal_number::segmentation,
                           .code = signal_code::not_mapped,
                           .address = 0x1234,
                           .trap = machine::vector::page_fault,
                           .error_code = 6};
constexpr SignalSet some_mask = 0x8000000100000401;

} // namespace

TEST_CASE("a plain handler gets its number, the registers and the mask, and goes back through its restorer") {
    Stacks stacks;
    const TrapFrame before = some_registers(stacks.top - 8);
    TrapFrame registers = before;
    REQUIRE(push_signal_frame(registers, fault, action(0), stacks.alternate, some_mask));
    CHECK(registers.eip == 0x8049000);
    CHECK(registers.eax == signal_number::segmentation);
    CHECK((registers.eflags & 0x400) == 0);
    CHECK((registers.user_esp + 4) % 16 == 0);
    const auto frame = read_frame<layout::Plain>(registers.user_esp);
    CHECK(frame.return_address == 0x804A000);
    CHECK(frame.number == signal_number::segmentation);
    CHECK(frame.registers.eip == before.eip);
    CHECK(frame.registers.esp == before.user_esp);
    CHECK(frame.registers.fault_address == 0x1234);
    CHECK(frame.registers.trap == 14);
    CHECK(frame.registers.error_code == 6);
    CHECK(frame.registers.old_mask == 0x401);
    CHECK(frame.high_mask == 0x80000001);
    CHECK((frame.registers.fpu_state + machine::SignalFpuState::legacy_size) % 64 == 0);

    SignalSet mask = 0;
    registers.user_esp += 8; // the return address and the number
    REQUIRE(pop_signal_frame(registers, SignalFrameKind::plain, mask, stacks.alternate));
    CHECK(same(registers, before));
    CHECK(system_call_number(registers) == no_system_call);
    CHECK(mask == (some_mask & ~unblockable));
}

TEST_CASE("a handler with information finds it by its arguments") {
    Stacks stacks;
    const TrapFrame before = some_registers(stacks.top - 100);
    TrapFrame registers = before;
    REQUIRE(push_signal_frame(registers, fault, action(SignalAction::with_information), stacks.alternate, some_mask));
    const auto frame = read_frame<layout::WithInformation>(registers.user_esp);
    CHECK(frame.number == signal_number::segmentation);
    CHECK(frame.information_address == registers.user_esp + 16);
    CHECK(frame.context_address == registers.user_esp + 144);
    CHECK(registers.edx == frame.information_address);
    CHECK(registers.ecx == frame.context_address);
    CHECK(frame.information.number == 11);
    CHECK(frame.information.code == signal_code::not_mapped);
    CHECK(frame.information.fields[0] == 0x1234);
    CHECK(frame.context.low_mask == 0x401);
    CHECK(frame.context.stack.size == 2 * page_size);
    CHECK(frame.context.stack.flags == 0);

    SignalSet mask = 0;
    registers.user_esp += 4;
    REQUIRE(pop_signal_frame(registers, SignalFrameKind::with_information, mask, stacks.alternate));
    CHECK(same(registers, before));
    CHECK(mask == (some_mask & ~unblockable));
}

TEST_CASE("who sent a signal, and what became of a child, stand where siginfo_t has them") {
    Stacks stacks;
    const auto fields = [&](const SignalInfo& info) {
        TrapFrame registers = some_registers(stacks.top);
        REQUIRE(push_signal_frame(registers, info, action(SignalAction::with_information), stacks.alternate, 0));
        return read_frame<layout::WithInformation>(registers.user_esp).information.fields;
    };
    const auto queued = fields({.number = 34, .code = signal_code::queue, .sender = 5, .user = 6, .value = 7});
    CHECK(queued[0] == 5);
    CHECK(queued[1] == 6);
    CHECK(queued[2] == 7);
    const auto child =
        fields({.number = signal_number::child, .code = signal_code::child_exited, .sender = 9, .user = 1, .value = 3});
    CHECK(child[0] == 9);
    CHECK(child[1] == 1);
    CHECK(child[2] == 3);
}

TEST_CASE("the alternate stack is used where asked for, from its top, unless the program is on it") {
    Stacks stacks;
    const SignalAction on_alternate = action(SignalAction::on_alternate_stack);
    TrapFrame registers = some_registers(stacks.top);
    REQUIRE(push_signal_frame(registers, fault, on_alternate, stacks.alternate, 0));
    CHECK(stacks.alternate.contains(registers.user_esp));
    const std::uint32_t first = registers.user_esp;
    REQUIRE(push_signal_frame(registers, fault, on_alternate, stacks.alternate, 0));
    CHECK(stacks.alternate.contains(registers.user_esp));
    CHECK(registers.user_esp < first);
    TrapFrame elsewhere = some_registers(stacks.top);
    REQUIRE(push_signal_frame(elsewhere, fault, action(0), stacks.alternate, 0));
    CHECK_FALSE(stacks.alternate.contains(elsewhere.user_esp));
}

TEST_CASE("an alternate stack that is disarmed on use comes back with sigreturn") {
    Stacks stacks;
    stacks.alternate.flags = autodisarm;
    const AlternateStack before = stacks.alternate;
    TrapFrame registers = some_registers(stacks.top);
    const SignalAction both = action(SignalAction::on_alternate_stack | SignalAction::with_information);
    REQUIRE(push_signal_frame(registers, fault, both, stacks.alternate, 0));
    CHECK(stacks.alternate.size == 0);
    SignalSet mask = 0;
    registers.user_esp += 4;
    REQUIRE(pop_signal_frame(registers, SignalFrameKind::with_information, mask, stacks.alternate));
    CHECK(stacks.alternate.start == before.start);
    CHECK(stacks.alternate.size == before.size);
    CHECK(stacks.alternate.flags == before.flags);
}

TEST_CASE("where there is no stack there is no frame, and the registers stay") {
    Stacks stacks;
    for (const std::uint32_t stack_pointer :
         {0U, 4U, 700U, stack_page.start().value(), stack_page.start().value() + 300, 0x60000000U, 0xC0001000U, ~0U}) {
        for (const std::uint32_t flags : {0U, SignalAction::with_information}) {
            const TrapFrame before = some_registers(stack_pointer);
            TrapFrame registers = before;
            const auto pushed = push_signal_frame(registers, fault, action(flags), stacks.alternate, 0);
            REQUIRE_FALSE(pushed.has_value());
            CHECK(pushed.error() == Error::bad_address);
            CHECK(same(registers, before));
        }
    }
    // On an alternate stack that ends below: not even where the program could write.
    AlternateStack small{.start = stack_page.start().value() + page_size, .size = 2048};
    TrapFrame registers = some_registers(small.start + 600);
    CHECK_FALSE(push_signal_frame(registers, fault, action(SignalAction::on_alternate_stack), small, 0).has_value());
}

TEST_CASE("whatever lies where a frame should be, sigreturn gives registers of ring 3 or refuses") {
    Stacks stacks;
    test::Random random(119);
    std::uint32_t refused = 0;
    for (int round = 0; round < 2000; ++round) {
        TrapFrame registers = some_registers(stacks.top - 64);
        const bool plain = random.once_in(2);
        REQUIRE(push_signal_frame(registers, fault, action(plain ? 0 : SignalAction::with_information),
                                  stacks.alternate, 0));
        for (std::uint32_t hits = random.below(40); hits != 0; --hits) {
            const VirtAddr word(registers.user_esp + 4 * random.below(400));
            static_cast<void>(machine::store_user_word(word, random.once_in(2) ? 0xFFFFFFFF : random()));
        }
        registers.user_esp += plain ? 8 : 4;
        SignalSet mask = 0;
        const auto kind = plain ? SignalFrameKind::plain : SignalFrameKind::with_information;
        AlternateStack alternate = stacks.alternate;
        if (!pop_signal_frame(registers, kind, mask, alternate)) {
            ++refused;
            continue;
        }
        REQUIRE(registers.from_user());
        REQUIRE((registers.user_ss & 3) == 3);
        REQUIRE((registers.eflags & (1U << 9)) != 0);
        REQUIRE((registers.eflags & (3U << 12 | 1U << 14 | 1U << 17)) == 0);
        REQUIRE((mask & unblockable) == 0);
    }
    CHECK(refused > 50);
}

} // namespace quire
