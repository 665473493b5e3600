// The keys of config.txt by name, and what is said where a value is not understood.
#include "kernel/boot/memory_limits.h"

#include "kernel/lib/number.h"
#include "kernel/lib/suggestion.h"
#include "kernel/machine/address.h"
#include "kernel/memory/pager/pager.h"

#include <algorithm>
#include <array>
#include <bit>

namespace quire {

namespace {

constexpr std::string_view source_name = "config.txt";

std::optional<std::string_view> set_overall(MemoryLimits& limits, std::string_view value) {
    constexpr std::uint32_t least = 4U << 20;
    const auto bytes = parse_number_32(value);
    if (!bytes || *bytes < least) {
        return "is no size of 4M or more, which this kernel needs: all RAM is used";
    }
    limits.overall = *bytes;
    return std::nullopt;
}

std::optional<std::string_view> set_frame(MemoryLimits& limits, std::string_view value) {
    static_assert(page_size == 4096);
    const auto bytes = parse_number_32(value);
    if (!bytes || *bytes < page_size) {
        return "is refused: a page of this processor has 4096 bytes, and so has a frame";
    }
    if (!std::has_single_bit(*bytes) || *bytes / page_size > Pager::most_in_cluster) {
        return "is refused: pages go and come in clusters of 4K, 8K and so on to 256K";
    }
    limits.frame = *bytes;
    return std::nullopt;
}

template <auto member> std::optional<std::string_view> set_process(MemoryLimits& limits, std::string_view value) {
    constexpr std::uint32_t least = 64; // bytes: a process's symbol table
    const auto bytes = parse_number_32(value);
    if (!bytes || *bytes < least || !std::has_single_bit(*bytes)) {
        return "is no power of two of 64 or more";
    }
    limits.*member = *bytes;
    return std::nullopt;
}

struct Key {
    std::string_view name;
    std::optional<std::string_view> (*set)(MemoryLimits& limits, std::string_view value); // null: the simulator's
};

constexpr std::array<Key, 12> keys{{
    {"max-overall-mem", set_overall},
    {"mem-per-frame", set_frame},
    {"min-mem-per-proc", set_process<&MemoryLimits::least_process>},
    {"max-mem-per-proc", set_process<&MemoryLimits::most_process>},
    {"num-cpu", nullptr},
    {"scheduler", nullptr},
    {"quantum-cycles", nullptr},
    {"batch-process-freq", nullptr},
    {"min-ins", nullptr},
    {"max-ins", nullptr},
    {"delays-per-exec", nullptr},
    {"delay-per-exec", nullptr},
}};

const Key* find_key(std::string_view name) {
    const auto found = std::ranges::find(keys, name, &Key::name);
    return found != keys.end() ? &*found : nullptr;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

// Takes the next word off `rest`; empty where there is none. Quotes around it are left out.
std::string_view take_word(std::string_view& rest) {
    while (!rest.empty() && is_blank(rest.front())) {
        rest.remove_prefix(1);
    }
    std::size_t end = 0;
    while (end < rest.size() && !is_blank(rest[end])) {
        ++end;
    }
    std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end);
    if (word.size() >= 2 && word.front() == '"' && word.back() == '"') {
        word = word.substr(1, word.size() - 2);
    }
    return word;
}

void tell_unknown(std::string_view name, Sink& notes) {
    Suggestion suggestion{name};
    for (const Key& each : keys) {
        suggestion.consider(each.name);
    }
    print(notes, "{}: there is no key \"{}\"", source_name, name);
    if (!suggestion.best().empty()) {
        print(notes, "; \"{}\" is meant?", suggestion.best());
    }
    print(notes, "\n");
}

} // namespace

void MemoryLimits::add(const MemoryLimits& other) {
    frame = frame != 0 ? frame : other.frame;
    overall = overall != 0 ? overall : other.overall;
    least_process = least_process != 0 ? least_process : other.least_process;
    most_process = most_process != 0 ? most_process : other.most_process;
}

std::span<const std::string_view> limit_names() {
    static constexpr std::array<std::string_view, 4> names{keys[0].name, keys[1].name, keys[2].name, keys[3].name};
    return names;
}

bool is_limit(std::string_view key) {
    return std::ranges::find(limit_names(), key) != limit_names().end();
}

std::optional<std::string_view> set_limit(MemoryLimits& limits, std::string_view key, std::string_view value) {
    return find_key(key)->set(limits, value);
}

void check_limits(MemoryLimits& limits, std::string_view source, Sink& notes) {
    if (limits.most_process != 0 && limits.least_process > limits.most_process) {
        print(notes, "{}: min-mem-per-proc={} is more than max-mem-per-proc={}: neither counts\n", source,
              limits.least_process, limits.most_process);
        limits.least_process = limits.most_process = 0;
    }
}

namespace {

// Calls visit(key, value) for each line that has a key; the value is empty where there is none.
template <class Visitor> void for_each_line(std::string_view text, Visitor&& visit) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string_view name = take_word(line);
        if (!name.empty()) {
            visit(name, take_word(line));
        }
    }
}

} // namespace

MemoryLimits read_config(std::string_view text, Sink& notes) {
    MemoryLimits limits;
    bool passed_over = false;
    for_each_line(text, [&](std::string_view name, std::string_view value) {
        const Key* const key = find_key(name);
        if (key == nullptr) {
            tell_unknown(name, notes);
        } else if (key->set == nullptr) {
            passed_over = true;
        } else if (const auto complaint = key->set(limits, value)) {
            print(notes, "{}: {} {} {}\n", source_name, name, value, *complaint);
        }
    });
    if (passed_over) {
        print(notes, "{}: passed over, for a simulator knows them:", source_name);
        for_each_line(text, [&](std::string_view name, std::string_view) {
            const Key* const key = find_key(name);
            if (key != nullptr && key->set == nullptr) {
                print(notes, " {}", name);
            }
        });
        print(notes, "\n");
    }
    check_limits(limits, source_name, notes);
    return limits;
}

} // namespace quire
