// What Tab offers at the prompt: names of commands, and for their arguments whatever the text that help shows of them
// says. In "on|off [PID]" small letters are words to type, and capitals name what there is: PID, PROGRAM, SIGNAL, KIND
// (of fault), POLICY (of replacement), COMMAND. So a command's table entry is all that completion needs.
#pragma once

#include "kernel/monitor/commands/command.h"

namespace quire {

class CommandCompleter final : public Completer {
public:
    CommandCompleter(Torus& torus, std::span<const CommandGroup> groups) : torus_(&torus), groups_(groups) {}
    void offer(std::string_view before, Candidates& candidates) const override;

private:
    void offer_commands(Candidates& candidates) const;
    void offer_word(std::string_view choice, Candidates& candidates) const;

    Torus* torus_;
    std::span<const CommandGroup> groups_;
};

} // namespace quire
