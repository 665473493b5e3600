// Replacing the program that a process runs. The new one is built completely, in an address space of its own, before
// anything of the old one goes: what fails leaves the process as it was.
#include "kernel/process/exec/exec.h"

#include "kernel/fs/vfs/open_flags.h"
#include "kernel/lib/panic.h"
#include "kernel/memory/memory.h"
#include "kernel/memory/paging/layout.h"
#include "kernel/process/exec/elf.h"
#include "kernel/process/exec/program_stack.h"
#include "kernel/process/exec/script.h"
#include "kernel/process/lifecycle/exit.h"
#include "kernel/process/lifecycle/fork.h"
#include "kernel/process/notice.h"
#include "kernel/process/process_table.h"
#include "kernel/process/system_call_answer.h"
#include "kernel/process/user_pages.h"
#include "kernel/process/userland/userland.h"
#include "kernel/process/whole_transfer.h"

#include <algorithm>
#include <linux/personality.h>
#include <utility>

namespace quire {

namespace {

constexpr Page first_movable_page = Page::containing(VirtAddr(0x10000000)); // where position-independent programs go
constexpr std::uint32_t first_stack_pages = 33;                             // as Linux begins: 132 KiB
constexpr std::uint32_t random_pages = 4096;                                // how far ASLR moves each: up to 16 MiB

// An open file as the ELF reader wants it.
class FileImage final : public ImageReader {
public:
    FileImage(Process& process, Inode& inode, File& file) : process_(&process), inode_(&inode), file_(&file) {}

    std::uint32_t size() override {
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(inode_->size(), ~std::uint32_t{0}));
    }
    Result<void> read(std::uint32_t offset, std::span<std::byte> into) override {
        IoBuffer buffer(into);
        const Result<std::uint32_t> got =
            move_rest(*process_, buffer, file_->read_at(buffer, offset),
                      [&](std::uint32_t sum) { return file_->read_at(buffer, offset + sum); });
        if (!got) {
            return fail(got.error());
        }
        return *got == into.size() ? Result<void>() : fail(Error::truncated);
    }

private:
    Process* process_;
    Inode* inode_;
    File* file_;
};

// A file that is to be run, opened for reading; nobody can write to it meanwhile.
struct Executable {
    Ref<File> file;
    RunningFile running;
};

// The same, understood.
struct OpenProgram {
    Executable executable;
    ProgramImage image;

    [[nodiscard]] Inode& inode() const { return executable.file->inode(); }
};

// A regular file that its mode lets be executed. Errors: no_access, text_busy, and the path walk's.
Result<Executable> open_executable(Userland& userland, Inode& start, std::string_view path) {
    Result<Ref<File>> file = userland.files().names().open(start, path, open_flag::read_only | open_flag::large_file);
    if (!file) {
        return fail(file.error());
    }
    constexpr std::uint32_t any_execute = 0111;
    if (!(*file)->inode().is_regular() || ((*file)->inode().mode() & any_execute) == 0) {
        return fail(Error::no_access);
    }
    Result<RunningFile> running = RunningFile::of((*file)->inode());
    if (!running) {
        return fail(running.error());
    }
    return Executable{.file = *std::move(file), .running = *std::move(running)};
}

// Linux answers ENOENT where a program's interpreter is missing, as if the program were. So the console says which is.
Error missing_interpreter(const Userland& userland, std::string_view program, std::string_view interpreter,
                          Error error) {
    if (error == Error::not_found) {
        Notice out(userland.processes.console);
        print(out, "{} needs {}, which is not there\n", program, interpreter);
    }
    return error;
}

Result<OpenProgram> open_program(Process& process, Executable executable) {
    FileImage reader(process, executable.file->inode(), *executable.file);
    Result<ProgramImage> image = read_program_image(reader);
    if (!image) {
        return fail(image.error() == Error::truncated || image.error() == Error::too_large ? Error::not_executable
                                                                                           : image.error());
    }
    return OpenProgram{.executable = std::move(executable), .image = *image};
}

// ---- Mapping

// The page of the segment's byte at `address` once the image has moved up by `offset`: modulo 4 GiB, for it may have
// been linked above where it goes.
Page moved(VirtAddr address, std::uint32_t offset) {
    return Page::containing(address + offset);
}

// Pages of zeros behind what the file gives, and zeros behind its last byte in its last page.
Result<void> map_zeros(Process& process, AddressSpace& space, const ProgramSegment& segment, std::uint32_t offset) {
    const VirtAddr file_end = segment.file_end() + offset;
    const std::uint32_t behind = segment.pages() - segment.file_pages();
    if (behind != 0) {
        const Result<Page> mapped = space.map({.hint = moved(segment.start, offset) + segment.file_pages(),
                                               .pages = behind,
                                               .access = segment.access,
                                               .kind = RegionKind::program,
                                               .fixed = true});
        if (!mapped) {
            return fail(mapped.error());
        }
    }
    if (!segment.access.write || segment.memory_size == segment.file_size || file_end.page_aligned()) {
        return {};
    }
    static constexpr std::array<std::byte, 512> zeros{};
    for (VirtAddr at = file_end; !at.page_aligned();) {
        const auto part = std::min<std::uint32_t>(zeros.size(), page_size - at.offset_in_page());
        const auto written =
            retry_while_pages_come(process, [&] { return space.write(at, std::span(zeros).first(part)); });
        if (!written) {
            return written;
        }
        at = at + part;
    }
    return {};
}

Result<void> map_segment(Process& process, AddressSpace& space, const ProgramSegment& segment, std::uint32_t offset,
                         MemoryObject* pages) {
    if (segment.file_pages() != 0) {
        const Result<Page> mapped = space.map({.hint = moved(segment.start, offset),
                                               .pages = segment.file_pages(),
                                               .access = segment.access,
                                               .kind = RegionKind::program,
                                               .fixed = true,
                                               .object = pages,
                                               .object_page = segment.file_offset / page_size});
        if (!mapped) {
            return fail(mapped.error());
        }
    }
    return map_zeros(process, space, segment, offset);
}

// Maps all segments, moved up by `offset` bytes.
Result<void> map_image(Process& process, AddressSpace& space, const OpenProgram& program, std::uint32_t offset) {
    const Result<MemoryObject*> pages = program.inode().pages();
    if (!pages) {
        return fail(Error::no_access);
    }
    for (const ProgramSegment& segment : program.image.segments) {
        if (const auto mapped = map_segment(process, space, segment, offset, *pages); !mapped) {
            return mapped;
        }
    }
    return {};
}

// Readable segments may be executed: READ_IMPLIES_EXEC.
void let_readable_run(ProgramImage& image) {
    for (ProgramSegment& segment : image.segments) {
        segment.access.execute |= segment.access.read;
    }
}

// How far a movable image is moved so that it lies at `first`; others stay.
std::uint32_t offset_to(const ProgramImage& image, Page first) {
    return image.movable ? first.start() - image.first_page().start() : 0;
}

// Where an interpreter fits: as high as possible among the mappings.
Result<Page> place_for(AddressSpace& space, const ProgramImage& image) {
    const std::uint32_t pages = image.end_page() - image.first_page();
    MapRequest request;
    request.pages = pages;
    request.no_reserve = true;
    const Result<Page> place = space.map(request);
    if (place) {
        ensure(space.unmap(*place, pages).has_value(), "what was just mapped can be unmapped");
    }
    return place;
}

// ---- Building

class Builder {
public:
    Builder(Process& process, Userland& userland, AddressSpace& space)
        : process_(process), userland_(userland), space_(space) {
        space_.mapping_top = space_.mapping_top - random_page();
    }

    Result<void> map_program(const OpenProgram& program) {
        const std::uint32_t offset = offset_to(program.image, first_movable_page + random_page());
        if (const auto mapped = map_image(process_, space_, program, offset); !mapped) {
            return mapped;
        }
        const bool has_headers = program.image.headers != VirtAddr();
        facts_.headers = has_headers ? program.image.headers + offset : VirtAddr();
        facts_.header_count = program.image.header_count;
        facts_.entry = program.image.entry + offset;
        start_ = facts_.entry;
        space_.set_program_break_start((moved(program.image.end_page().start(), offset) + random_page()).start());
        return {};
    }

    Result<void> map_interpreter(const OpenProgram& interpreter) {
        const Result<Page> place = place_for(space_, interpreter.image);
        if (!place) {
            return fail(place.error());
        }
        const std::uint32_t offset = offset_to(interpreter.image, *place);
        facts_.interpreter_base = VirtAddr(offset);
        start_ = interpreter.image.entry + offset;
        return map_image(process_, space_, interpreter, offset);
    }

    Result<void> build_stack(std::string_view path, const ArgumentBlock& block, bool executable) {
        facts_.path = path;
        facts_.processor_features = userland_.facts().cpu.leaf_1_edx;
        std::generate(facts_.random.begin(), facts_.random.end(), [&] { return userland_.random_word(); });
        const std::uint32_t needed = program_stack_size(block, facts_);
        const std::uint64_t most = std::min<std::uint64_t>(process_.soft_limit(limit::stack), 8U << 20) / 4 * 3;
        if (needed > most) {
            return fail(Error::too_many_arguments);
        }
        const Page top = Page::containing(machine::user_end) - random_page();
        const std::uint32_t pages = first_stack_pages + pages_for(needed);
        const Result<Page> stack = space_.map({.hint = top - pages,
                                               .pages = pages,
                                               .access = {.read = true, .write = true, .execute = executable},
                                               .kind = RegionKind::stack,
                                               .fixed = true,
                                               .grows_down = true});
        if (!stack) {
            return fail(stack.error());
        }
        const Result<ProgramStack> written =
            retry_while_pages_come(process_, [&] { return write_program_stack(space_, top.start(), block, facts_); });
        if (!written) {
            return fail(written.error());
        }
        stack_ = *written;
        return {};
    }

    [[nodiscard]] VirtAddr start() const { return start_; }
    [[nodiscard]] const ProgramStack& stack() const { return stack_; }

private:
    // 0 but with address-space randomisation.
    std::uint32_t random_page() { return userland_.randomise_addresses ? userland_.random_word() % random_pages : 0; }

    Process& process_;
    Userland& userland_;
    AddressSpace& space_;
    ProgramFacts facts_;
    VirtAddr start_;
    ProgramStack stack_;
};

// ---- The point of no return

std::string_view last_part(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// What the new program has that does not follow from what the old one had.
struct NewProgram {
    Ref<AddressSpace> space;
    Ref<FileTable> files;
    RunningFile file;
    std::string_view name;
};

void become(Process& process, NewProgram program, const Builder& builder) {
    const bool current = &process == &process.table->current();
    if (current) {
        clear_thread_word(process);
    }
    if (process.space) {
        program.space->take_resident_set(*process.space);
    }
    process.space = std::move(program.space);
    if (current) {
        process.space->load();
    }
    finish_vfork(process);
    process.files = std::move(program.files);
    process.executable = std::move(program.file);
    process.set_name(program.name);
    process.signals.reset_for_exec();
    process.thread.segments = {};
    process.exit_signal = signal_number::child;
    process.dumpable = true;
    process.has_executed = true;
    process.barriers_registered = false;
    const ProgramStack& stack = builder.stack();
    process.arguments_start = stack.arguments_start.value();
    process.arguments_end = stack.arguments_end.value();
    process.environment_start = stack.environment_start.value();
    process.environment_end = stack.environment_end.value();
    process.registers() = machine::initial_user_registers(builder.start(), stack.pointer);
    system_call_number(process.registers()) = no_system_call;
    process.thread.fpu = machine::initial_fpu_state();
    if (current) {
        machine::load_thread_segments(process.thread.segments);
        machine::restore_fpu(process.thread.fpu);
    }
    process.files->close_on_exec();
}

Result<void> run_image(Process& process, Userland& userland, OpenProgram program, std::string_view path,
                       const ArgumentBlock& block) {
    Result<AddressSpace*> made = AddressSpace::create(userland.processes.memory());
    if (!made) {
        return fail(made.error());
    }
    Ref<AddressSpace> space = Ref<AddressSpace>::adopt(*made);
    apply_limits(process, *space);
    // Linux, arch/x86/include/asm/elf.h, elf_read_implies_exec: a 32-bit program without PT_GNU_STACK. It stays with
    // what the process runs later.
    const bool unspecified = program.image.stack == ProgramImage::Stack::unspecified;
    const std::uint32_t umbrella = process.umbrella | (unspecified ? std::uint32_t{READ_IMPLIES_EXEC} : 0);
    const bool readable_runs = (umbrella & READ_IMPLIES_EXEC) != 0;
    space->heap_access.execute = readable_runs;
    if (readable_runs) {
        let_readable_run(program.image);
    }
    Builder builder(process, userland, *space);
    if (const auto mapped = builder.map_program(program); !mapped) {
        return mapped;
    }
    if (!program.image.interpreter_path().empty()) {
        Result<Executable> file =
            open_executable(userland, *process.context->working_directory, program.image.interpreter_path());
        if (!file) {
            return fail(missing_interpreter(userland, path, program.image.interpreter_path(), file.error()));
        }
        Result<OpenProgram> interpreter = open_program(userland.processes.current(), *std::move(file));
        if (!interpreter) {
            return fail(Error::not_executable);
        }
        if (readable_runs) {
            let_readable_run(interpreter->image);
        }
        if (const auto mapped = builder.map_interpreter(*interpreter); !mapped) {
            return mapped;
        }
    }
    const bool executable = unspecified || program.image.stack == ProgramImage::Stack::executable;
    if (const auto built = builder.build_stack(path, block, executable); !built) {
        return built;
    }
    Result<Ref<FileTable>> files = FileTable::own(process.files);
    if (!files) {
        return fail(files.error());
    }
    process.umbrella = umbrella;
    become(process,
           {.space = std::move(space),
            .files = *std::move(files),
            .file = std::move(program.executable.running),
            .name = last_part(path)},
           builder);
    return {};
}

} // namespace

std::optional<InterpreterPath> missing_interpreter_of(Userland& userland, std::string_view path) {
    Inode& root = userland.files().names().root();
    ScriptArguments script(userland.processes.memory().heap, {});
    InterpreterPath wanted;
    while (true) {
        const std::string_view name = wanted.view().empty() ? path : wanted.view();
        Result<Executable> file = open_executable(userland, root, name);
        if (!file) {
            return name != path && file.error() == Error::not_found ? std::optional(wanted) : std::nullopt;
        }
        FileImage reader(userland.processes.current(), file->file->inode(), *file->file);
        const Result<bool> is_script = script.read_first_line(reader, name);
        if (!is_script) {
            return std::nullopt;
        }
        std::string_view next = script.interpreter();
        const Result<OpenProgram> program =
            *is_script ? fail(Error::not_executable) : open_program(userland.processes.current(), *std::move(file));
        if (!*is_script) {
            next = program ? program->image.interpreter_path() : std::string_view();
        }
        if (next.empty() || next == wanted.view() || next.size() >= wanted.text.size()) {
            return std::nullopt;
        }
        wanted = {};
        std::ranges::copy(next, wanted.text.begin());
    }
}

Result<void> exec_program(Process& process, std::string_view path, const ArgumentBlock& block) {
    Userland& userland = process.table->userland();
    Result<Executable> file = open_executable(userland, *process.context->working_directory, path);
    if (!file) {
        return fail(file.error());
    }
    ScriptArguments script(userland.processes.memory().heap, block);
    std::string_view to_run = path;
    while (true) {
        FileImage reader(process, file->file->inode(), *file->file);
        const Result<bool> is_script = script.read_first_line(reader, to_run);
        if (!is_script) {
            return fail(is_script.error());
        }
        if (!*is_script) {
            break;
        }
        const std::string_view interpreter = script.interpreter();
        file = open_executable(userland, *process.context->working_directory, interpreter);
        if (!file) {
            return fail(missing_interpreter(userland, to_run, interpreter, file.error()));
        }
        to_run = interpreter;
    }
    Result<OpenProgram> program = open_program(process, *std::move(file));
    if (!program) {
        return fail(program.error());
    }
    return run_image(process, userland, *std::move(program), path, script.block());
}

} // namespace quire
