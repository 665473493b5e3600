// Finding, opening, making and removing by name.
#include "kernel/fs/vfs/namespace.h"

#include "kernel/fs/vfs/path_walk.h"

#include <cstring>

namespace quire {

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
    if ((flags & open_flag::temporary) == open_flag::temporary) {
        const Result<Ref<Inode>> made = (*inode)->create_nameless(permissions, (flags & open_flag::exclusive) == 0);
        return made ? File::open(**made, flags & ~open_flag::truncate) : fail(made.error());
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
    if (file.is_directory()) {
        return fail(Error::not_permitted);
    }
    return file.linkable() ? walk.directory().link(walk.name(), file) : fail(Error::not_found);
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
