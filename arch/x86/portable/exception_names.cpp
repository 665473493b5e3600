// The names of the exceptions. Only words: the host's tests are linked with it too.
#include "kernel/machine/trap.h"

#include <array>

namespace quire::machine {

namespace {

struct ExceptionName {
    std::string_view name, mnemonic;
};

// Intel SDM vol. 3A, table 6-1.
constexpr std::array<ExceptionName, 32> exception_names = [] {
    std::array<ExceptionName, 32> names{};
    names.fill({"reserved", "#--"});
    names[0] = {"divide error", "#DE"};
    names[1] = {"debug exception", "#DB"};
    names[2] = {"non-maskable interrupt", "NMI"};
    names[3] = {"breakpoint", "#BP"};
    names[4] = {"overflow", "#OF"};
    names[5] = {"BOUND range exceeded", "#BR"};
    names[6] = {"invalid opcode", "#UD"};
    names[7] = {"device not available", "#NM"};
    names[8] = {"double fault", "#DF"};
    names[9] = {"coprocessor segment overrun", "#MF"};
    names[10] = {"invalid TSS", "#TS"};
    names[11] = {"segment not present", "#NP"};
    names[12] = {"stack-segment fault", "#SS"};
    names[13] = {"general protection fault", "#GP"};
    names[14] = {"page fault", "#PF"};
    names[16] = {"x87 floating-point error", "#MF"};
    names[17] = {"alignment check", "#AC"};
    names[18] = {"machine check", "#MC"};
    names[19] = {"SIMD floating-point exception", "#XM"};
    names[20] = {"virtualization exception", "#VE"};
    names[21] = {"control protection exception", "#CP"};
    return names;
}();

constexpr ExceptionName name_of(std::uint32_t number) {
    if (number == vector::system_call) {
        return {"system call", "INT"};
    }
    return number < exception_names.size() ? exception_names[number] : ExceptionName{"reserved", "#--"};
}

} // namespace

std::string_view exception_name(std::uint32_t number) {
    return name_of(number).name;
}

std::string_view exception_mnemonic(std::uint32_t number) {
    return name_of(number).mnemonic;
}

} // namespace quire::machine
