// Texts and links of /proc.
#include "kernel/process/procfs/proc_inode.h"

#include "kernel/fs/vfs/name_table.h"
#include "kernel/fs/vfs/path_text.h"
#include "kernel/memory/heap/object.h"
#include "kernel/memory/space/address_space.h"

#include <algorithm>
#include <array>

namespace quire {

namespace {

std::uint32_t kind_of(ProcKind kind) {
    switch (kind) {
    case ProcKind::text:
    case ProcKind::page_map: return mode::regular;
    case ProcKind::directory:
    case ProcKind::descriptors:
    case ProcKind::mapped_files:
    case ProcKind::tasks: return mode::directory;
    default: return mode::symbolic_link;
    }
}

// Counts what is printed.
class CountingSink final : public Sink {
public:
    void write(std::string_view text) override { bytes_ += text.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    std::size_t bytes_ = 0;
};

template <class T> Inode* end(T* inode, Inode* parent) {
    KernelHeap& heap = inode->file_system().memory.heap;
    destroy_object(heap, inode);
    return parent;
}

} // namespace

std::uint32_t proc_mode(const ProcName& name) {
    return kind_of(name.kind) | name.permissions;
}

std::uint32_t proc_number::of(std::uint32_t process, std::string_view name) {
    // Far above those of the processes' own directories.
    constexpr std::uint32_t others = 0x80000000;
    return others | name_hash(process, name);
}

std::uint32_t proc_number::of_process(std::uint32_t process) {
    return 2 + process;
}

ProcInode::ProcInode(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process,
                     std::uint32_t number)
    : Inode(file_system, number, proc_mode(name)), name_(&name), process_(process),
      parent_(parent != nullptr ? Ref<Inode>(*parent) : nullptr) {}

ProcFileSystem& ProcInode::system() const {
    return static_cast<ProcFileSystem&>(file_system());
}

Result<Process*> ProcInode::process() const {
    Process* const found = process_ != 0 ? system().processes().find(process_) : nullptr;
    if (process_ != 0 && found == nullptr) {
        return fail(Error::no_process);
    }
    return found;
}

// ---- Texts

ProcText::ProcText(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process)
    : ProcInode(file_system, parent, name, process, proc_number::of(process, name.name)) {}

ProcText::~ProcText() {
    must_succeed(file_system().memory.heap.free(text_.data()));
}

Inode* ProcText::destroy() {
    return end(this, leave_parent());
}

// Printed twice, for its size and into memory. Nothing can change in between: the kernel is not preempted.
Result<void> ProcText::print_anew() {
    const Result<Process*> subject = process();
    if (!subject) {
        return fail(subject.error());
    }
    const ProcSubject about{system().processes(), system(), *subject};
    CountingSink count;
    name_->print(about, count);
    if (about.must_wait) {
        return fail(Error::must_wait);
    }
    const Result<void*> place = file_system().memory.heap.allocate(count.bytes());
    if (!place) {
        return fail(Error::out_of_memory);
    }
    must_succeed(file_system().memory.heap.free(text_.data()));
    text_ = {static_cast<char*>(*place), count.bytes()};
    BufferSink sink(text_);
    name_->print(about, sink);
    text_ = text_.first(sink.text().size());
    printed_ = true;
    return {};
}

Result<std::uint32_t> ProcText::read(File&, IoBuffer& buffer, std::uint64_t offset) {
    if (!printed_ || offset == 0) {
        if (const Result<void> printed = print_anew(); !printed) {
            return fail(printed.error());
        }
    }
    if (offset >= text_.size()) {
        return 0U;
    }
    return buffer.outcome(buffer.put(std::as_bytes(text_.subspan(static_cast<std::size_t>(offset)))));
}

Result<std::uint32_t> ProcText::write(File&, IoBuffer& buffer, std::uint64_t) {
    constexpr std::size_t longest = 64;
    if (name_->write == nullptr) {
        return fail(Error::input_output);
    }
    if (buffer.left() == 0) {
        return 0U;
    }
    const Result<Process*> subject = process();
    if (!subject) {
        return fail(subject.error());
    }
    std::array<char, longest> text{};
    if (buffer.left() > text.size()) {
        return fail(Error::invalid_argument);
    }
    const std::uint32_t bytes = buffer.take(std::as_writable_bytes(std::span(text)));
    if (buffer.failed()) {
        return fail(Error::bad_address);
    }
    std::string_view value(text.data(), bytes);
    while (!value.empty() && (value.back() == '\n' || value.back() == ' ')) {
        value.remove_suffix(1);
    }
    const Result<void> written = name_->write({system().processes(), system(), *subject}, value);
    return written ? Result<std::uint32_t>(bytes) : fail(written.error());
}

// ---- The page map

ProcPageMap::ProcPageMap(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process)
    : ProcInode(file_system, parent, name, process, proc_number::of(process, name.name)) {}

Inode* ProcPageMap::destroy() {
    return end(this, leave_parent());
}

namespace {

std::uint64_t page_map_word(const AddressSpace& space, Page page) {
    constexpr std::uint64_t present = 1ULL << 63, of_file = 1ULL << 61, alone = 1ULL << 56, soft_dirty = 1ULL << 55;
    // Bits 0 to 4 name the swap area, and those above the page in it. Linux, Documentation/admin-guide/mm/pagemap.rst.
    constexpr std::uint64_t in_swap = 1ULL << 62;
    constexpr unsigned area_bits = 5;
    const PageState state = space.page_state(page);
    if (state.slot) {
        return in_swap | std::uint64_t{state.slot->number()} << area_bits | state.slot->area();
    }
    if (!state.resident) {
        return 0;
    }
    const bool file = state.owner != Owner::anonymous && state.owner != Owner::zero;
    return present | (file ? of_file : 0) | (state.sharers == 1 ? alone : 0) | (state.dirty ? soft_dirty : 0) |
           state.frame.number();
}

} // namespace

Result<std::uint32_t> ProcPageMap::read(File&, IoBuffer& buffer, std::uint64_t offset) {
    constexpr std::uint32_t word_size = 8;
    const Result<Process*> subject = process();
    if (!subject) {
        return fail(subject.error());
    }
    if (offset % word_size != 0 || buffer.left() % word_size != 0) {
        return fail(Error::invalid_argument);
    }
    std::uint32_t moved = 0;
    std::uint64_t page = offset / word_size;
    while (buffer.left() != 0 && !buffer.failed() && (*subject)->space && page < end_of_user_pages.number()) {
        const std::uint64_t word = page_map_word(*(*subject)->space, Page(static_cast<std::uint32_t>(page)));
        moved += buffer.put(std::as_bytes(std::span(&word, 1)));
        ++page;
    }
    return buffer.outcome(moved);
}

// ---- Links

ProcLink::ProcLink(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process)
    : ProcInode(file_system, parent, name, process, proc_number::of(process, name.name)) {}

ProcLink::ProcLink(ProcFileSystem& file_system, Inode* parent, const ProcName& name, std::uint32_t process,
                   std::uint32_t which, std::string_view text, std::uint32_t permissions)
    : ProcInode(file_system, parent, name, process, proc_number::of(process, name.name) + which), which_(which) {
    mode_ = mode::symbolic_link | permissions;
    BufferSink sink(text_);
    sink.write(text);
    text_size_ = sink.text().size();
}

std::string_view ProcLink::name() {
    return is_one_of_many() ? std::string_view(text_.data(), text_size_) : name_->name;
}

FileStatus ProcLink::status() {
    FileStatus status = Inode::status();
    status.size = is_one_of_many() ? 64 : 0; // as Linux has it, whatever the target's length
    return status;
}

Inode* ProcLink::destroy() {
    return end(this, leave_parent());
}

Result<Ref<Inode>> ProcLink::follow_directly() {
    if (process_ == 0 || name_->kind == ProcKind::path || name_->kind == ProcKind::mapped_file) {
        return Ref<Inode>();
    }
    const Result<Process*> of = process();
    if (!of) {
        return fail(Error::not_found);
    }
    Ref<Inode> found;
    if (name_->kind == ProcKind::executable) {
        found = (*of)->executable.inode();
    } else if (name_->kind == ProcKind::working_directory && (*of)->context) {
        found = (*of)->context->working_directory;
    } else if (name_->kind == ProcKind::root) {
        found = Ref<Inode>(top_directory(*parent()));
    } else if (name_->kind == ProcKind::descriptor && (*of)->files) {
        File* const file = (*of)->files->find(which_);
        found = file != nullptr ? Ref<Inode>(file->inode()) : nullptr;
    }
    return found ? Result<Ref<Inode>>(found) : fail(Error::not_found);
}

Result<std::uint32_t> ProcLink::read_link(std::span<char> target) {
    BufferSink sink(target);
    if (name_->kind == ProcKind::path) {
        sink.write(name_->target);
    } else if (name_->kind == ProcKind::mapped_file) {
        if (const Result<void> printed = print_mapped(sink); !printed) {
            return fail(printed.error());
        }
    } else if (name_->kind == ProcKind::self) {
        print(sink, "{}", file_system().services.caller().process);
    } else {
        const Result<Ref<Inode>> file = follow_directly();
        if (!file) {
            return fail(file.error());
        }
        print_path(sink, **file);
    }
    return static_cast<std::uint32_t>(sink.text().size());
}

Result<void> ProcLink::print_mapped(Sink& sink) const {
    const Result<Process*> of = process();
    const Region* const region = of && (*of)->space ? (*of)->space->find(Page(which_)) : nullptr;
    if (region == nullptr || region->object == nullptr) {
        return fail(Error::not_found);
    }
    region->object->print_name(sink);
    return {};
}

} // namespace quire
