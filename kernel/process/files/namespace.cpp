// The path walk. One buffer, taken when the first symbolic link is met, holds what is left of the path with the links'
// targets put in front of it, so that links need no recursion.
#include "kernel/process/files/namespace.h"

#include "kernel/lib/panic.h"
#include "kernel/memory/object.h"
#include "kernel/process/files/file_system.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace quire {

namespace {

// What is mounted on a directory in its place.
Inode& top_of(Inode& inode) {
    Inode* top = &inode;
    while (top->mounted() != nullptr) {
        top = top->mounted();
    }
    return *top;
}

// What the last part of a path is.
enum class LastKind : std::uint8_t { name, dot, dot_dot, root };

} // namespace

// A walk on its way: the directory it is in, and what is left of the path.
class Namespace::Walk {
public:
    Walk(const Namespace& names, Inode& start) : root_(&names.root()), current_(start) {}
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;
    ~Walk() { destroy_object(heap(), text_); }

    // Walks all but the last part of `path`.
    Result<void> begin(std::string_view path) {
        if (path.empty()) {
            return fail(Error::not_found);
        }
        if (path.size() >= longest_path) {
            return fail(Error::name_too_long);
        }
        rest_ = path;
        if (path.front() == '/') {
            current_ = Ref<Inode>(*root_);
        }
        return go_on();
    }
    // The file that the last part names. Error: not_found.
    Result<Ref<Inode>> last_file() { return step(kind_, name_); }
    // Goes on through `link`, which is what the last part names.
    Result<void> follow_last(Inode& link) {
        rest_ = {};
        const bool directory = directory_wanted_;
        if (const Result<void> followed = follow(link); !followed) {
            return followed;
        }
        if (arrived_) {
            return {};
        }
        const Result<void> gone = go_on();
        directory_wanted_ = directory_wanted_ || directory;
        return gone;
    }
    // The walk ended at a file without a name: a link in /proc led to it.
    [[nodiscard]] bool arrived() const { return arrived_; }

    [[nodiscard]] Inode& directory() const { return *current_; }
    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] LastKind kind() const { return kind_; }
    [[nodiscard]] bool is_name() const { return kind_ == LastKind::name; }
    // The path ends in a slash, so that only a directory will do.
    [[nodiscard]] bool directory_wanted() const { return directory_wanted_; }

    // The end of the walk: the last part's file, through links if `follow_links`.
    Result<Ref<Inode>> finish(bool follow_links) {
        for (;;) {
            Result<Ref<Inode>> file = last_file();
            if (!file) {
                return file;
            }
            if ((*file)->is_link() && (follow_links || directory_wanted_)) {
                if (const Result<void> followed = follow_last(**file); !followed) {
                    return fail(followed.error());
                }
                if (!arrived_) {
                    continue;
                }
                file = current_;
            }
            if (directory_wanted_ && !(*file)->is_directory()) {
                return fail(Error::not_directory);
            }
            return file;
        }
    }

private:
    // Room for a link's target, and for the path with it in front.
    struct Text {
        std::array<char, longest_path> target;
        std::array<char, longest_path> path;
    };

    [[nodiscard]] KernelHeap& heap() const { return root_->file_system().memory.heap; }

    // Walks what is left, up to its last part.
    Result<void> go_on() {
        for (;;) {
            take_part();
            if (rest_.empty()) {
                // Linux looks at a name's length when it looks the name up, and in no file first.
                return current_->is_directory() ? Result<void>{} : fail(Error::not_directory);
            }
            Result<Ref<Inode>> next = step(kind_, name_);
            if (!next) {
                return fail(next.error());
            }
            if ((*next)->is_link()) {
                if (const Result<void> followed = follow(**next); !followed) {
                    return followed;
                }
            } else {
                current_ = *std::move(next);
            }
        }
    }

    // Takes the part in front out of the path, with the slashes around it.
    void take_part() {
        const std::size_t start = std::min(rest_.find_first_not_of('/'), rest_.size());
        const std::size_t stop = std::min(rest_.find('/', start), rest_.size());
        const std::size_t next = std::min(rest_.find_first_not_of('/', stop), rest_.size());
        name_ = rest_.substr(start, stop - start);
        directory_wanted_ = next != stop;
        rest_ = rest_.substr(next);
        kind_ = name_.empty()   ? LastKind::root
                : name_ == "."  ? LastKind::dot
                : name_ == ".." ? LastKind::dot_dot
                                : LastKind::name;
    }

    Result<Ref<Inode>> step(LastKind kind, std::string_view name) {
        if (!current_->is_directory()) {
            return fail(Error::not_directory);
        }
        if (kind == LastKind::dot_dot) {
            return parent();
        }
        if (kind != LastKind::name) {
            return current_;
        }
        if (name.size() > longest_name) {
            return fail(Error::name_too_long);
        }
        Result<Ref<Inode>> found = current_->lookup(name);
        if (found && (*found)->mounted() != nullptr) {
            return Ref<Inode>(top_of(**found));
        }
        return found;
    }

    Result<Ref<Inode>> parent() const {
        Inode* from = current_.get();
        while (from != root_ && from->covers() != nullptr) {
            from = from->covers();
        }
        if (from == root_) {
            return current_;
        }
        Inode* const up = from->parent();
        return up != nullptr ? Ref<Inode>(top_of(*up)) : current_;
    }

    // Puts the target of a link, which lies in the current directory, in front of what is left.
    Result<void> follow(Inode& link) {
        if (++links_ > most_links_followed) {
            return fail(Error::too_many_links);
        }
        Result<Ref<Inode>> directly = link.follow_directly();
        if (!directly) {
            return fail(directly.error());
        }
        if (*directly) {
            current_ = *std::move(directly);
            arrived_ = rest_.empty();
            return {};
        }
        if (text_ == nullptr) {
            const Result<Text*> text = make_object<Text>(heap());
            if (!text) {
                return fail(Error::out_of_memory);
            }
            text_ = *text;
        }
        const Result<std::uint32_t> size = link.read_link(text_->target);
        if (!size) {
            return fail(size.error());
        }
        if (*size == 0) {
            return fail(Error::not_found);
        }
        return put_in_front({text_->target.data(), *size});
    }

    // What is left lies in the caller's path or at the end of text_->path.
    Result<void> put_in_front(std::string_view target) {
        const std::size_t slash = rest_.empty() ? 0 : 1;
        if (target.size() + slash + rest_.size() > text_->path.size()) {
            return fail(Error::name_too_long);
        }
        char* const rest = text_->path.data() + text_->path.size() - rest_.size();
        std::memmove(rest, rest_.data(), rest_.size());
        char* const start = rest - slash - target.size();
        std::memcpy(start, target.data(), target.size());
        if (slash != 0) {
            rest[-1] = '/';
        }
        rest_ = {start, target.size() + slash + rest_.size()};
        if (target.front() == '/') {
            current_ = Ref<Inode>(*root_);
        }
        return {};
    }

    Inode* root_;
    Ref<Inode> current_;
    std::string_view rest_;
    std::string_view name_;
    LastKind kind_ = LastKind::dot;
    bool directory_wanted_ = false;
    bool arrived_ = false;
    std::uint32_t links_ = 0;
    Text* text_ = nullptr;
};

Result<Ref<Inode>> Namespace::find(Inode& start, std::string_view path, LastLink last) const {
    Walk walk(*this, start);
    if (const Result<void> begun = walk.begin(path); !begun) {
        return fail(begun.error());
    }
    return walk.finish(last == LastLink::follow);
}

Result<Ref<Inode>> Namespace::find_or_create(Walk& walk, std::uint32_t flags, std::uint32_t permissions) {
    for (;;) {
        if (!walk.is_name() || walk.directory_wanted()) {
            return fail((flags & open_flag::exclusive) != 0 && !walk.is_name() ? Error::exists : Error::is_directory);
        }
        Result<Ref<Inode>> found = walk.last_file();
        if (!found) {
            if (found.error() != Error::not_found) {
                return found;
            }
            if (walk.directory().file_system().read_only()) {
                return fail(Error::read_only);
            }
            return walk.directory().create(walk.name(), {.mode = mode::regular | permissions});
        }
        if ((flags & open_flag::exclusive) != 0) {
            return fail(Error::exists);
        }
        if (!(*found)->is_link()) {
            return (*found)->is_directory() ? fail(Error::is_directory) : found;
        }
        if ((flags & open_flag::no_follow) != 0) {
            return fail(Error::too_many_links);
        }
        if (const Result<void> followed = walk.follow_last(**found); !followed) {
            return fail(followed.error());
        }
        if (walk.arrived()) {
            return Ref<Inode>(walk.directory());
        }
    }
}

Result<Ref<File>> Namespace::open(Inode& start, std::string_view path, std::uint32_t flags,
                                  std::uint32_t permissions) const {
    if ((flags & open_flag::path) != 0) {
        flags &= open_flag::path | open_flag::directory | open_flag::no_follow | open_flag::close_on_exec;
    }
    const bool creates = (flags & open_flag::create) != 0;
    if (creates && (flags & open_flag::directory) != 0) {
        return fail(Error::invalid_argument);
    }
    Walk walk(*this, start);
    if (const Result<void> begun = walk.begin(path); !begun) {
        return fail(begun.error());
    }
    const Result<Ref<Inode>> inode =
        creates ? find_or_create(walk, flags, permissions) : walk.finish((flags & open_flag::no_follow) == 0);
    if (!inode) {
        return fail(inode.error());
    }
    if ((flags & open_flag::directory) != 0 && !(*inode)->is_directory()) {
        return fail(Error::not_directory);
    }
    const bool truncates = (flags & open_flag::truncate) != 0;
    if (truncates && (*inode)->is_directory()) {
        return fail(Error::is_directory);
    }
    if (truncates && (*inode)->is_regular() && (*inode)->file_system().read_only()) {
        return fail(Error::read_only);
    }
    Result<Ref<File>> file = File::open(**inode, flags);
    if (file && truncates && (*inode)->is_regular()) {
        if (const Result<void> emptied = (*inode)->truncate(0); !emptied) {
            return fail(emptied.error());
        }
    }
    return file;
}

Result<void> Namespace::to_new_name(Walk& walk, std::string_view path, bool directory) {
    if (const Result<void> begun = walk.begin(path); !begun) {
        return begun;
    }
    if (!walk.is_name()) {
        return fail(Error::exists);
    }
    const Result<Ref<Inode>> found = walk.last_file();
    if (found) {
        return fail(Error::exists);
    }
    if (found.error() != Error::not_found) {
        return fail(found.error());
    }
    if (walk.directory_wanted() && !directory) {
        return fail(Error::not_found);
    }
    return walk.directory().file_system().read_only() ? fail(Error::read_only) : Result<void>{};
}

Result<void> Namespace::create(Inode& start, std::string_view path, const NewInode& what) const {
    Walk walk(*this, start);
    if (const Result<void> free = to_new_name(walk, path, (what.mode & mode::kind) == mode::directory); !free) {
        return free;
    }
    const Result<Ref<Inode>> created = walk.directory().create(walk.name(), what);
    return created ? Result<void>{} : fail(created.error());
}

Result<void> Namespace::link(Inode& file, Inode& start, std::string_view path) const {
    Walk walk(*this, start);
    if (const Result<void> free = to_new_name(walk, path, false); !free && free.error() != Error::read_only) {
        return free;
    }
    if (&walk.directory().file_system() != &file.file_system()) {
        return fail(Error::cross_device);
    }
    if (file.file_system().read_only()) {
        return fail(Error::read_only);
    }
    return file.is_directory() ? fail(Error::not_permitted) : walk.directory().link(walk.name(), file);
}

Result<void> Namespace::unlink(Inode& start, std::string_view path) const {
    Walk walk(*this, start);
    if (const Result<void> begun = walk.begin(path); !begun) {
        return begun;
    }
    if (!walk.is_name()) {
        return fail(Error::is_directory);
    }
    if (walk.directory().file_system().read_only()) {
        return fail(Error::read_only);
    }
    const Result<Ref<Inode>> found = walk.last_file();
    if (!found) {
        return fail(found.error());
    }
    if (walk.directory_wanted()) {
        return fail((*found)->is_directory() ? Error::is_directory : Error::not_directory);
    }
    return walk.directory().unlink(walk.name());
}

Result<void> Namespace::remove_directory(Inode& start, std::string_view path) const {
    Walk walk(*this, start);
    if (const Result<void> begun = walk.begin(path); !begun) {
        return begun;
    }
    switch (walk.kind()) {
    case LastKind::dot: return fail(Error::invalid_argument);
    case LastKind::dot_dot: return fail(Error::not_empty);
    case LastKind::root: return fail(Error::busy);
    case LastKind::name: break;
    }
    if (walk.directory().file_system().read_only()) {
        return fail(Error::read_only);
    }
    const Result<Ref<Inode>> found = walk.last_file();
    if (!found) {
        return fail(found.error());
    }
    return (*found)->covers() != nullptr ? fail(Error::busy) : walk.directory().remove_directory(walk.name());
}

namespace {

// Whether `inode` lies on the way from `directory` up to the root of its file system, or is it.
bool is_above(const Inode& inode, Inode& directory) {
    for (Inode* each = &directory; each != nullptr; each = each->parent()) {
        if (each == &inode) {
            return true;
        }
        if (each->parent() == each) {
            return false;
        }
    }
    return false;
}

} // namespace

Result<void> Namespace::check_rename(Walk& from, Walk& to, RenameMode mode) {
    if (!from.is_name() || !to.is_name()) {
        return fail(mode == RenameMode::keep && !to.is_name() ? Error::exists : Error::busy);
    }
    if (from.directory().file_system().read_only()) {
        return fail(Error::read_only);
    }
    const Result<Ref<Inode>> moved = from.last_file();
    if (!moved) {
        return fail(moved.error());
    }
    const Result<Ref<Inode>> replaced = to.last_file();
    if (!replaced && replaced.error() != Error::not_found) {
        return fail(replaced.error());
    }
    if (replaced && mode == RenameMode::keep) {
        return fail(Error::exists);
    }
    if (!replaced && mode == RenameMode::exchange) {
        return fail(Error::not_found);
    }
    if ((from.directory_wanted() || to.directory_wanted()) && !(*moved)->is_directory()) {
        return fail(Error::not_directory);
    }
    if ((*moved)->covers() != nullptr || (replaced && (*replaced)->covers() != nullptr)) {
        return fail(Error::busy);
    }
    if (is_above(**moved, to.directory())) {
        return fail(Error::invalid_argument);
    }
    if (replaced && is_above(**replaced, from.directory())) {
        return fail(mode == RenameMode::exchange ? Error::invalid_argument : Error::not_empty);
    }
    return {};
}

Result<void> Namespace::rename(Inode& from_start, std::string_view from, Inode& to_start, std::string_view to,
                               RenameMode mode) const {
    Walk source(*this, from_start);
    if (const Result<void> begun = source.begin(from); !begun) {
        return begun;
    }
    Walk target(*this, to_start);
    if (const Result<void> begun = target.begin(to); !begun) {
        return begun;
    }
    if (&source.directory().file_system() != &target.directory().file_system()) {
        return fail(Error::cross_device);
    }
    if (const Result<void> possible = check_rename(source, target, mode); !possible) {
        return possible;
    }
    return source.directory().rename(source.name(), target.directory(), target.name(), mode);
}

namespace {

// A text that grows at its front, in the end of a buffer.
class FrontText {
public:
    explicit FrontText(std::span<char> buffer) : start_(buffer.data() + buffer.size()), room_(buffer.size()) {}
    // False where there is no room.
    [[nodiscard]] bool put(std::string_view text) {
        if (text.size() > room_) {
            return false;
        }
        start_ -= text.size();
        room_ -= text.size();
        size_ += text.size();
        std::memcpy(start_, text.data(), text.size());
        return true;
    }
    [[nodiscard]] std::string_view view() const { return {start_, size_}; }

private:
    char* start_;
    std::size_t room_, size_ = 0;
};

} // namespace

Result<std::string_view> Namespace::path_of(Inode& file, std::span<char> buffer) const {
    FrontText text(buffer);
    bool fits = !file.unlinked() || text.put(" (deleted)");
    Inode* each = &file;
    for (;;) {
        while (each != root_.get() && each->covers() != nullptr) {
            each = each->covers();
        }
        Inode* const up = each->parent();
        if (each == root_.get() || up == nullptr || up == each) {
            break;
        }
        fits = fits && text.put(each->name()) && text.put("/");
        each = up;
    }
    if (each != root_.get()) {
        fits = fits && text.put(each->name());
    } else if (&file == root_.get()) {
        fits = text.put("/");
    }
    return fits ? Result<std::string_view>(text.view()) : fail(Error::name_too_long);
}

} // namespace quire
