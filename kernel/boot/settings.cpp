// The options by name: how each is understood, and what is said where it is not.
#include "kernel/boot/settings.h"

#include "kernel/lib/format.h"
#include "kernel/lib/number.h"
#include "kernel/lib/suggestion.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>

namespace quire {

namespace {

constexpr std::uint32_t least_heap = 1U << 20; // bytes

// Sets what the option's value says; false where it says nothing.
using Understand = bool (*)(BootSettings& settings, std::string_view value);

struct Option {
    std::string_view name;
    Understand understand;
    std::string_view complaint; // behind name=value, where that was not understood
};

// Whatever is said, and that it is said at all.
template <auto text> bool take_text(BootSettings& settings, std::string_view value) {
    settings.*text = value;
    return true;
}
template <auto mentioned> bool take_mention(BootSettings& settings, std::string_view /*value*/) {
    settings.*mentioned = true;
    return true;
}

bool understand_switch(bool& is_on, std::string_view value) {
    is_on = value == "on";
    return is_on || value == "off";
}

// A number from `least` to `most`.
template <class T> bool understand_number(T& number, std::string_view value, std::uint32_t least, std::uint32_t most) {
    const auto given = parse_number_32(value);
    if (!given || *given < least || *given > most) {
        return false;
    }
    number = static_cast<T>(*given);
    return true;
}

template <class T> bool understand_name(T& chosen, std::string_view value, std::span<const T> all) {
    const auto found = std::ranges::find_if(all, [&](T each) { return name_of(each) == value; });
    chosen = found != all.end() ? *found : chosen;
    return found != all.end();
}
template <class T> bool understand_name(T& chosen, std::string_view value, std::initializer_list<T> all) {
    return understand_name(chosen, value, std::span<const T>(all.begin(), all.size()));
}

constexpr std::uint32_t any_number = ~std::uint32_t{0};

constexpr std::array<Option, 15> known_options{{
    {"archive", take_text<&BootSettings::archive>, ""},
    {"aslr", [](BootSettings& to, std::string_view value) { return understand_switch(to.randomise_addresses, value); },
     "is neither on nor off"},
    {"commands", take_text<&BootSettings::commands>, ""},
    {"demo", take_mention<&BootSettings::demo>, ""},
    {"disk-dma", [](BootSettings& to, std::string_view value) { return understand_switch(to.disk_dma, value); },
     "is neither on nor off"},
    {"exec", take_text<&BootSettings::exec>, ""},
    {"exit-port",
     [](BootSettings& to, std::string_view value) { return understand_number(to.exit_port, value, 1, 0xFFFF); },
     "is no port"},
    {"fault-reports",
     [](BootSettings& to, std::string_view value) { return understand_switch(to.fault_reports, value); },
     "is neither on nor off"},
    {"heap",
     [](BootSettings& to, std::string_view value) {
         return understand_number(to.heap_maximum, value, least_heap, any_number);
     },
     "is no size of 1M or more"},
    {"heap-mode",
     [](BootSettings& to, std::string_view value) {
         return understand_name(to.heap_mode, value, {HeapMode::plain, HeapMode::tracked, HeapMode::debug});
     },
     "is none of plain, tracked, debug"},
    {"no-color", take_mention<&BootSettings::plain>, ""},
    {"overcommit",
     [](BootSettings& to, std::string_view value) {
         return understand_name(to.overcommit, value, {CommitPolicy::never, CommitPolicy::guess, CommitPolicy::always});
     },
     "is none of never, guess, always"},
    {"replacement",
     [](BootSettings& to, std::string_view value) {
         to.chaos_paging = value == "chaos";
         return understand_name(to.replacement, to.chaos_paging ? name_of(ReplacementPolicy::random) : value,
                                std::span<const ReplacementPolicy>(Replacement::all_policies));
     },
     "is none of adaptive-sieve, clock, fifo, lru, aging, 2q, random, chaos"},
    {"slow-pages",
     [](BootSettings& to, std::string_view value) { return understand_number(to.slow_pages, value, 1, any_number); },
     "is no number of 1 or more"},
    {"swap", take_text<&BootSettings::swap>, ""},
}};

// A misspelt option would be missed otherwise.
void tell_unknown(std::string_view key, Sink& notes) {
    Suggestion suggestion{key};
    for (const Option& known : known_options) {
        suggestion.consider(known.name);
    }
    for (const std::string_view limit : limit_names()) {
        suggestion.consider(limit);
    }
    print(notes, "command line: there is no option \"{}\"", key);
    if (!suggestion.best().empty()) {
        print(notes, "; \"{}\" is meant?", suggestion.best());
    }
    print(notes, "\n");
}

} // namespace

BootSettings read_settings(const BootOptions& options, Sink& notes) {
    BootSettings settings;
    for (const BootOption& given : options.all()) {
        const auto known = std::ranges::find(known_options, given.key, &Option::name);
        if (is_limit(given.key)) {
            if (const auto complaint = set_limit(settings.limits, given.key, given.value)) {
                print(notes, "command line: {}={} {}\n", given.key, given.value, *complaint);
            }
        } else if (known == known_options.end()) {
            tell_unknown(given.key, notes);
        } else if (!known->understand(settings, given.value)) {
            print(notes, "command line: {}={} {}\n", given.key, given.value, known->complaint);
        }
    }
    check_limits(settings.limits, "command line", notes);
    return settings;
}

} // namespace quire
