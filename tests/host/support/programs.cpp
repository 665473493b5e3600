// Ring 3's ways into the kernel and back, as arch/x86/traps/isr.asm has them.
#include "tests/host/support/programs.h"

#include "kernel/machine/upcalls.h"

#include <asm/unistd_32.h>
#include <cstring>
#include <elf.h>

namespace quire::test {

machine::TrapFrame& Processor::enter_kernel(std::uint32_t vector, std::uint32_t error_code) {
    auto& frame = *(reinterpret_cast<machine::TrapFrame*>(torus_->machine.ring_0_stack()) - 1);
    frame = registers_;
    frame.vector = vector;
    frame.error_code = error_code;
    return frame;
}

void Processor::leave_kernel(machine::TrapFrame& frame) {
    while (quire::machine::cpu_local->pending_work.asked()) {
        machine::on_return_to_user(frame);
    }
    registers_ = frame;
    if (registers_.eip == tiny_program_handler) {
        ++handled_;
        registers_.user_esp += sizeof(std::uint32_t); // the handler has returned to its restorer
        registers_.eip = tiny_program_restorer;
        registers_.eax = __NR_rt_sigreturn;
        machine::TrapFrame& returning = enter_kernel(machine::vector::system_call, registers_.eax);
        machine::on_system_call(returning);
        leave_kernel(returning); // where another signal's handler may begin
    }
}

void Processor::settle() {
    if (quire::machine::cpu_local->pending_work.asked()) {
        leave_kernel(enter_kernel(0));
    }
}

// Tries until the page is there.
template <class Try> void Processor::reach(Try&& access) {
    // A word may lie in two pages, a table may have to be unshared for each, and each may be late, and taken away
    // again.
    constexpr int patience = 32;
    for (int tried = 0; tried < patience; ++tried) {
        const std::optional<PageFault> fault = access();
        if (!fault) {
            return;
        }
        machine::TrapFrame& frame = enter_kernel(machine::vector::page_fault, fault->code);
        frame.fault_address = fault->address.value();
        if (!machine::on_page_fault(fault->address, fault->code, frame)) {
            throw std::logic_error("a program's page fault is not the kernel's own");
        }
        leave_kernel(frame);
    }
    throw std::logic_error("a page fault was served again and again, and the page is not there");
}

std::uint32_t Processor::read(VirtAddr address) {
    std::uint32_t word = 0;
    reach([&]() -> std::optional<PageFault> {
        const auto got = torus_->machine.read(address, Ring::user);
        if (!got) {
            return got.error();
        }
        word = *got;
        return std::nullopt;
    });
    return word;
}

void Processor::write(VirtAddr address, std::uint32_t word) {
    reach([&]() -> std::optional<PageFault> {
        const auto done = torus_->machine.write(address, word, Ring::user);
        return done ? std::nullopt : std::optional(done.error());
    });
}

std::int32_t Processor::call(std::uint32_t number, std::uint32_t first, std::uint32_t second, std::uint32_t third,
                             std::uint32_t fourth, std::uint32_t fifth, std::uint32_t sixth) {
    registers_.eax = number;
    registers_.ebx = first;
    registers_.ecx = second;
    registers_.edx = third;
    registers_.esi = fourth;
    registers_.edi = fifth;
    registers_.ebp = sixth;
    run_call();
    return static_cast<std::int32_t>(registers_.eax);
}

// Makes the call that EAX names. One that is to be made again is stepped back over by the kernel.
void Processor::run_call() {
    constexpr std::uint32_t instruction = 2; // bytes of INT 0x80
    do {
        registers_.eip = registers_.eip == tiny_program_entry - instruction ? tiny_program_entry : registers_.eip;
        machine::TrapFrame& frame = enter_kernel(machine::vector::system_call, registers_.eax);
        machine::on_system_call(frame);
        leave_kernel(frame);
    } while (registers_.eip == tiny_program_entry - instruction);
}

void Processor::tick() {
    machine::on_tick();
    leave_kernel(enter_kernel(machine::vector::first_irq));
}

std::string tiny_program() {
    constexpr std::uint32_t address = tiny_program_entry - 0x100, size = 0x200;
    std::string bytes(size, '\0');
    Elf32_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS32;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_386;
    header.e_version = EV_CURRENT;
    header.e_entry = tiny_program_entry;
    header.e_phoff = sizeof(Elf32_Ehdr);
    header.e_phnum = 2;
    header.e_ehsize = sizeof(Elf32_Ehdr);
    header.e_phentsize = sizeof(Elf32_Phdr);
    Elf32_Phdr code{};
    code.p_type = PT_LOAD;
    code.p_vaddr = code.p_paddr = address;
    code.p_filesz = code.p_memsz = size;
    code.p_flags = PF_R | PF_X;
    code.p_align = page_size;
    Elf32_Phdr stack{};
    stack.p_type = PT_GNU_STACK;
    stack.p_flags = PF_R | PF_W;
    std::memcpy(bytes.data(), &header, sizeof header);
    std::memcpy(bytes.data() + sizeof header, &code, sizeof code);
    std::memcpy(bytes.data() + sizeof header + sizeof code, &stack, sizeof stack);
    return bytes;
}

} // namespace quire::test
