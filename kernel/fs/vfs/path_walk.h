// A walk along a path. One buffer, taken when the first symbolic link is met, holds what is left of the path with the
// links' targets put in front of it, so that links need no recursion. Only the parts of Namespace include this.
#pragma once

#include "kernel/fs/vfs/file_system.h"
#include "kernel/fs/vfs/namespace.h"
#include "kernel/memory/heap/object.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace quire {

// What is mounted on a directory in its place.
[[nodiscard]] inline Inode& top_of(Inode& inode) {
    Inode* top = &inode;
    while (top->mounted() != nullptr) {
        top = top->mounted();
    }
    return *top;
}

// What the last part of a path is.
enum class LastKind : std::uint8_t { name, dot, dot_dot, root };

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
        if (!rest_.empty()) {
            std::memmove(rest, rest_.data(), rest_.size());
        }
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

} // namespace quire
