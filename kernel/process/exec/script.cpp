// Reading a script's first line and putting it in front of the arguments.
#include "kernel/process/exec/script.h"

#include <algorithm>
#include <utility>

namespace quire {

namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(blanks);
    return from == std::string_view::npos ? std::string_view()
                                          : text.substr(from, text.find_last_not_of(blanks) + 1 - from);
}

// The texts behind the first one.
std::span<const char> without_first(std::span<const char> texts) {
    const auto end = std::find(texts.begin(), texts.end(), '\0');
    return end == texts.end() ? texts.last(0) : texts.subspan(static_cast<std::size_t>(end - texts.begin()) + 1);
}

} // namespace

Result<bool> ScriptArguments::read_first_line(ImageReader& file, std::string_view path) {
    std::array<char, longest_line> bytes{};
    const std::size_t size = std::min<std::size_t>(file.size(), bytes.size());
    if (const auto read = file.read(0, std::as_writable_bytes(std::span(bytes).first(size))); !read) {
        return fail(read.error());
    }
    const std::string_view start(bytes.data(), size);
    if (!start.starts_with("#!")) {
        return false;
    }
    if (++nested_ > most_nested) {
        return fail(Error::too_many_links);
    }
    const std::size_t end = start.find('\n');
    if (end == std::string_view::npos && size == bytes.size()) {
        return fail(Error::not_executable);
    }
    const std::string_view line = trimmed(start.substr(2, end == std::string_view::npos ? end : end - 2));
    const std::size_t name_end = line.find_first_of(blanks);
    const std::string_view name = line.substr(0, name_end);
    if (name.empty()) {
        return fail(Error::not_executable);
    }
    const std::string_view argument =
        name_end == std::string_view::npos ? std::string_view() : trimmed(line.substr(name_end));
    if (const auto put = put_in_front(name, argument, path); !put) {
        return fail(put.error());
    }
    std::fill(interpreter_.begin(), interpreter_.end(), '\0');
    std::copy(name.begin(), name.end(), interpreter_.begin());
    return true;
}

Result<void> ScriptArguments::put_in_front(std::string_view interpreter, std::string_view argument,
                                           std::string_view path) {
    const std::span<const char> rest = without_first(block_.arguments);
    const std::size_t size =
        interpreter.size() + 1 + (argument.empty() ? 0 : argument.size() + 1) + path.size() + 1 + rest.size();
    const Result<void*> memory = heap_->allocate(size);
    if (!memory) {
        return fail(memory.error());
    }
    char* const text = static_cast<char*>(*memory);
    char* to = text;
    const auto put = [&](std::string_view word) {
        to = std::copy(word.begin(), word.end(), to);
        *to++ = '\0';
    };
    put(interpreter);
    if (!argument.empty()) {
        put(argument);
    }
    put(path);
    std::copy(rest.begin(), rest.end(), to);
    const std::uint32_t before = block_.argument_count != 0 ? block_.argument_count - 1 : 0;
    block_.arguments = {text, size};
    block_.argument_count = before + (argument.empty() ? 2 : 3);
    if (text_ != nullptr) {
        must_succeed(heap_->free(text_));
    }
    text_ = text;
    return {};
}

} // namespace quire
