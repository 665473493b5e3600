// Chapters 3 and 4 of the demo: what page tables say, what the processor makes of it, and that both are the same. They
// map one page in the user's part of the address space, where nothing else lies, reachable from the kernel only.
#include "kernel/memory/frames/address_text.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/monitor/commands/touch_memory.h"
#include "kernel/monitor/demo/demo.h"
#include "kernel/monitor/report/page_walk.h"
#include "kernel/torus/torus.h"

#include <optional>
#include <span>

namespace quire {

namespace {

constexpr VirtAddr demo_address(0x40000000);
constexpr Page demo_page = Page::containing(demo_address);
constexpr std::uint32_t offset = 0x123 * 4; // of the word that is written, in its page
constexpr Protection read_write{.writable = true};
constexpr Protection read_only{};

std::uint32_t read_frame(PhysicalMemory& memory, PhysAddr address) {
    std::uint32_t word = 0;
    memory.read(Frame::containing(address), address.offset_in_page(), std::as_writable_bytes(std::span(&word, 1)));
    return word;
}

void write_frame(PhysicalMemory& memory, PhysAddr address, std::uint32_t word) {
    memory.write(Frame::containing(address), address.offset_in_page(), std::as_bytes(std::span(&word, 1)));
}

// How an access ended: "no fault", "page fault, code 0x3".
struct Ending {
    const Touch* touch;
};
void print_to(Sink& sink, const Ending& ending) {
    if (const std::optional<machine::TrapFrame>& trap = ending.touch->trap; !trap) {
        sink.write("no fault");
    } else {
        print(sink, "{}, code {:#x}", machine::exception_name(trap->vector), ending.touch->error_code());
    }
}

// A frame mapped at demo_page for as long as this lives.
class DemoPage {
public:
    explicit DemoPage(Memory& memory) : memory_(&memory), frame_(memory.frames.allocate(Owner::test)) {
        if (frame_) {
            memory.physical.zero(*frame_);
        }
    }
    DemoPage(const DemoPage&) = delete;
    DemoPage& operator=(const DemoPage&) = delete;
    ~DemoPage() {
        may_fail(unmap()); // it may never have been mapped
        if (frame_) {
            must_succeed(memory_->frames.free(*frame_));
        }
    }

    [[nodiscard]] Frame frame() const { return *frame_; }

    [[nodiscard]] Result<void> map(Protection protection) {
        if (!frame_) {
            return fail(frame_.error());
        }
        return memory_->directory.map(demo_page, *frame_, protection);
    }
    [[nodiscard]] Result<void> protect(Protection protection) {
        TlbFlush flush{memory_->tlb};
        const Result<void> done = memory_->directory.protect(demo_page, protection, flush);
        flush.commit();
        return done;
    }
    Result<Frame> unmap() {
        TlbFlush flush{memory_->tlb};
        const Result<Frame> frame = memory_->directory.unmap(demo_page, flush);
        flush.commit();
        return frame;
    }

private:
    Memory* memory_;
    Result<Frame> frame_;
};

HandWalk by_hand(Memory& memory, VirtAddr address) {
    return walk_by_hand(memory.physical, machine::page_directory(), address);
}

// Translation of an address in the direct map beyond the first 4 MiB, which is by 4 MiB pages where there are such.
void translate_direct(Narrator& narrator, Memory& memory) {
    const PhysAddr physical(large_page_size + offset);
    if (memory.frames.owner(Frame::containing(physical)) == Owner::absent) {
        return; // a machine of 4 MiB has no such RAM
    }
    const VirtAddr address = direct_mapped(physical);
    const HandWalk walk = by_hand(memory, address);
    const Touch touch = read_word(address);
    const std::uint32_t word = read_frame(memory.physical, physical);
    narrator.check("The direct map: RAM, 0xc0000000 higher; by a 4 MiB page, without table.",
                   "P:0040048c, the same word",
                   walk.result == physical && touch.worked() && touch.word == word &&
                       walk.has_table != narrator.context().torus.boot.cpu.large_pages,
                   "{}, {:#x}/{:#x}", walk.result.value_or(PhysAddr()), touch.word, word);
}

} // namespace

void demo_translation(Narrator& narrator) {
    Memory& memory = narrator.memory();
    Display& out = narrator.context().out;
    constexpr VirtAddr address = demo_address + offset;
    constexpr std::uint32_t first_word = 0x0C0FFEE0, second_word = 0x5EC0DE42;
    narrator.tell("A program's addresses are virtual. The upper 10 bits pick an entry of the page "
                  "directory, the next 10 an entry of a page table, the last 12 a byte of the page. "
                  "Here is one, read from the raw words in physical memory:");
    DemoPage page{memory};
    if (const Result<void> mapped = page.map(read_write); !mapped) {
        narrator.check("Map a frame at 0x40000000.", "mapped", false, "{}", name_of(mapped.error()));
        return;
    }
    const PhysAddr expected = page.frame().start() + offset;
    explain_walk(out, memory.physical, machine::page_directory(), address);
    out.write("\n");

    const HandWalk before = by_hand(memory, address);
    narrator.check("By hand, the address leads into the frame that was mapped.", "the frame, and the offset",
                   before.result == expected, "{} -> {}", address, before.result.value_or(PhysAddr()));
    const Touch written = write_word(address, first_word);
    narrator.check("Let the processor write to the virtual address; look into the frame.", "0x0c0ffee0 in the frame",
                   written.worked() && read_frame(memory.physical, expected) == first_word, "{:#010x}",
                   read_frame(memory.physical, expected));
    write_frame(memory.physical, expected, second_word);
    const Touch read = read_word(address);
    narrator.check("Write into the frame; let the processor read the virtual address.", "0x5ec0de42 at the address",
                   read.worked() && read.word == second_word, "{:#010x}", read.word);
    const HandWalk after = by_hand(memory, address);
    const Entry entry_before(before.table_entry);
    const Entry entry_after(after.table_entry);
    narrator.check("The processor notes in the entry that it was used and written to.", "bits A D: 0 0, then 1 1",
                   !entry_before.accessed() && !entry_before.dirty() && entry_after.accessed() && entry_after.dirty(),
                   "{} {}, then {} {}", unsigned{entry_before.accessed()}, unsigned{entry_before.dirty()},
                   unsigned{entry_after.accessed()}, unsigned{entry_after.dirty()});
    const Result<Translation> translated = memory.directory.translate(address);
    narrator.check("The kernel's own translate() agrees with both.", "the same address",
                   translated && translated->address == expected, "{}", translated ? translated->address : PhysAddr());
    translate_direct(narrator, memory);
}

namespace {

void touch_unmapped(Narrator& narrator) {
    const Touch read = read_word(demo_address);
    narrator.check("Read a page that is not mapped.", "page fault, code 0x0", !read.worked() && read.error_code() == 0,
                   "{}", Ending{&read});
    const Touch written = write_word(demo_address + offset, 1);
    narrator.check(
        "Write to it. Bit 1 of the code says write, and CR2 holds the address.", "page fault, code 0x2, 0x4000048c",
        written.trap && written.error_code() == 2 && written.trap->fault_address == demo_address.value() + offset,
        "{}, {:#010x}", Ending{&written}, written.trap ? written.trap->fault_address : 0);
}

void touch_mapped(Narrator& narrator, Memory& memory, DemoPage& page) {
    constexpr std::uint32_t word = 0x600DF00D;
    const std::uint32_t tables_before = memory.directory.frames_owned();
    const Result<void> mapped = page.map(read_write);
    const Touch written = write_word(demo_address, word);
    const Touch read = read_word(demo_address);
    narrator.check("Map it read-write, then write and read.", "0x600df00d",
                   mapped && written.worked() && read.worked() && read.word == word, "{:#010x}", read.word);
    narrator.check_refused("Map another frame over it.", Error::already_mapped, page.map(read_write));

    const Result<void> protected_now = page.protect(read_only);
    const Touch refused = write_word(demo_address, ~word);
    narrator.check("Make it read-only, then write. Bit 0 says: present, but not allowed.", "page fault, code 0x3",
                   protected_now && refused.error_code() == 3, "{}", Ending{&refused});
    const Touch still = read_word(demo_address);
    narrator.check("Read it.", "0x600df00d, still", still.worked() && still.word == word, "{:#010x}", still.word);

    const Result<Frame> unmapped = page.unmap();
    const Touch gone = read_word(demo_address);
    narrator.check("Unmap it, then read: the TLB was told, too.", "page fault, code 0x0",
                   unmapped == page.frame() && !gone.worked() && gone.error_code() == 0, "{}", Ending{&gone});
    narrator.check("Its page table went with the last page in it.", "as many tables as before",
                   memory.directory.frames_owned() == tables_before, "{} before, {} after", tables_before,
                   memory.directory.frames_owned());
}

// Writes to what must not be written, and reads what must not be there.
void touch_kernel(Narrator& narrator) {
    const machine::KernelImage image = machine::kernel_image();
    const Touch text = write_word(image.text.start, 0);
    narrator.check("Write to the kernel's own code: CR0.WP holds for ring 0, too.", "page fault, code 0x3",
                   text.error_code() == 3, "{}", Ending{&text});
    const Touch constant = write_word(image.rodata.start, 0);
    narrator.check("Write to a constant.", "page fault, code 0x3", constant.error_code() == 3, "{}", Ending{&constant});
    const Touch guard = read_word(image.stack_guard.end - std::uint32_t{sizeof(std::uint32_t)});
    narrator.check("Read the guard page below the stack.", "page fault, code 0x0",
                   !guard.worked() && guard.error_code() == 0, "{}", Ending{&guard});
    const Touch null = read_word(VirtAddr(0));
    narrator.check("Read through a null pointer.", "page fault, code 0x0", !null.worked() && null.error_code() == 0,
                   "{}", Ending{&null});
}

} // namespace

void demo_protection(Narrator& narrator) {
    narrator.tell("An entry says what may be done with its page. What is not allowed stops the "
                  "program with a page fault; its error code says why. Each fault here was provoked "
                  "and caught.");
    touch_unmapped(narrator);
    DemoPage page{narrator.memory()};
    touch_mapped(narrator, narrator.memory(), page);
    touch_kernel(narrator);
}

} // namespace quire
