// Reads the table of commands for what could be typed. See completion.h.
#include "kernel/monitor/commands/completion.h"

#include "kernel/monitor/commands/provoke.h"
#include "kernel/monitor/commands/run_program.h"
#include "kernel/monitor/editor/tokenizer.h"
#include "kernel/process/signals.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/torus.h"

#include <array>

namespace quire {

namespace {

// Hands the files of a directory on as candidates.
class ProgramNames final : public DirectoryVisitor {
public:
    explicit ProgramNames(Candidates& candidates) : candidates_(&candidates) {}
    [[nodiscard]] bool visit(const DirectoryEntry& entry) override {
        if (!entry.name.starts_with('.')) {
            candidates_->add(entry.name);
        }
        return true;
    }

private:
    Candidates* candidates_;
};

void offer_programs(Userland& userland, Candidates& candidates) {
    const Namespace& names = userland.files().names();
    for (const std::string_view folder : program_folders()) {
        if (Result<Ref<Inode>> directory = names.find(names.root(), folder)) {
            std::uint64_t position = 0;
            ProgramNames visitor(candidates);
            may_fail((*directory)->list(position, visitor)); // what cannot be listed is not offered
        }
    }
}

void offer_processes(const Userland& userland, Candidates& candidates) {
    userland.processes.for_each([&](const Process& process) {
        std::array<char, 12> digits{};
        BufferSink text(digits);
        print(text, "{}", process.id);
        candidates.add(text.text());
    });
}

void offer_signals(Candidates& candidates) {
    for (std::uint32_t number = 1; number < signal_number::first_realtime; ++number) {
        candidates.add(signal_name(number));
    }
}

// Takes the text up to `separator`, and that, off `rest`.
std::string_view take_until(std::string_view& rest, char separator) {
    const std::size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return part;
}

// "[PID]]" and "PROGRAM..." without what is not the word itself.
std::string_view bare(std::string_view choice) {
    constexpr std::string_view around = "[].";
    const std::size_t first = std::min(choice.find_first_not_of(around), choice.size());
    return choice.substr(first, choice.find_last_not_of(around) + 1 - first);
}

} // namespace

void CommandCompleter::offer_commands(Candidates& candidates) const {
    for (const CommandGroup& group : groups_) {
        for (const Command& command : group.commands()) {
            candidates.add(command.name);
        }
    }
}

void CommandCompleter::offer_word(std::string_view choice, Candidates& candidates) const {
    Userland* const userland = torus_->userland;
    if (choice == "COMMAND") {
        offer_commands(candidates);
    } else if (choice == "KIND") {
        for (const FaultKind& kind : fault_kinds()) {
            candidates.add(kind.name);
        }
    } else if (choice == "SIGNAL") {
        offer_signals(candidates);
    } else if (choice == "POLICY") {
        for (const ReplacementPolicy policy : Replacement::all_policies) {
            candidates.add(name_of(policy));
        }
    } else if (choice == "PROGRAM" && userland != nullptr) {
        offer_programs(*userland, candidates);
    } else if (choice == "PID" && userland != nullptr) {
        offer_processes(*userland, candidates);
    } else if (!choice.empty() && choice.front() >= 'a' && choice.front() <= 'z') {
        candidates.add(choice);
    }
}

void CommandCompleter::offer(std::string_view before, Candidates& candidates) const {
    std::string_view rest = before.substr(before.rfind(';') + 1); // all of it where there is no ';'
    Tokenizer words;
    if (!words.take_command(rest)) {
        return;
    }
    if (words.all().empty()) {
        offer_commands(candidates);
        return;
    }
    const Command* const command = find_command(groups_, words.all().front());
    if (command == nullptr) {
        return;
    }
    std::string_view arguments = command->arguments;
    std::string_view choices = take_until(arguments, ' ');
    for (std::size_t index = 1; index < words.all().size(); ++index) {
        choices = take_until(arguments, ' ');
    }
    while (!choices.empty()) {
        offer_word(bare(take_until(choices, '|')), candidates);
    }
}

} // namespace quire
