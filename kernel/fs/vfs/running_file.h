// A file that a program runs from: nobody may write to it as long as there is one of these for it. Each process has one
// for its program, exec for each file that it reads. It owns one reference to the file.
#pragma once

#include "kernel/fs/vfs/inode.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/ref.h"

#include <utility>

namespace quire {

class RunningFile {
public:
    RunningFile() = default; // no file
    // Error: text_busy, where the file is open for writing.
    [[nodiscard]] static Result<RunningFile> of(Inode& inode) {
        if (const auto denied = inode.deny_writing(); !denied) {
            return fail(denied.error());
        }
        return RunningFile(Ref<Inode>(inode));
    }
    RunningFile(RunningFile&&) noexcept = default;
    RunningFile& operator=(RunningFile other) noexcept {
        std::swap(inode_, other.inode_);
        return *this;
    }
    ~RunningFile() {
        if (inode_) {
            inode_->allow_writing();
        }
    }

    // For another process that runs the same program. It cannot fail: nobody writes to the file now.
    [[nodiscard]] RunningFile share() const {
        if (inode_) {
            must_succeed(inode_->deny_writing());
        }
        return RunningFile(inode_);
    }
    [[nodiscard]] const Ref<Inode>& inode() const { return inode_; }

private:
    explicit RunningFile(Ref<Inode> inode) : inode_(std::move(inode)) {}

    Ref<Inode> inode_;
};

} // namespace quire
