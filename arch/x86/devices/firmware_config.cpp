// QEMU's firmware configuration device (QEMU, docs/specs/fw_cfg.rst): named files that the command line of the emulator
// gives to the guest. Only one of them is Quire's.
#include "arch/x86/devices/io_ports.h"
#include "kernel/machine/devices.h"

#include <algorithm>
#include <array>

namespace quire::machine {

namespace {

constexpr Port selector_port = 0x510, data_port = 0x511;
constexpr std::uint16_t key_signature = 0x0000, key_directory = 0x0019;
constexpr std::string_view signature = "QEMU";
constexpr std::string_view command_line_file = "opt/quire/command-line";
constexpr std::uint32_t most_files = 256; // QEMU has some thirty; no directory keeps this from ending

struct File {
    std::uint32_t size = 0;
    std::uint16_t key = 0;
};

void select(std::uint16_t key) {
    write_port16(selector_port, key);
}

std::uint8_t next_byte() {
    return read_port8(data_port);
}

// The directory's numbers are big endian.
std::uint32_t next_number(unsigned bytes) {
    std::uint32_t number = 0;
    for (unsigned i = 0; i < bytes; ++i) {
        number = number << 8 | next_byte();
    }
    return number;
}

bool device_present() {
    select(key_signature);
    return std::all_of(signature.begin(), signature.end(),
                       [](char wanted) { return next_byte() == static_cast<std::uint8_t>(wanted); });
}

// Reads the next entry of the directory; true if it is the file called `wanted`.
bool next_entry_is(std::string_view wanted, File& file) {
    file.size = next_number(4);
    file.key = static_cast<std::uint16_t>(next_number(2));
    static_cast<void>(next_number(2)); // reserved
    std::array<char, 56> name{};
    std::generate(name.begin(), name.end(), [] { return static_cast<char>(next_byte()); });
    const auto length = static_cast<std::size_t>(std::find(name.begin(), name.end(), '\0') - name.begin());
    return std::string_view(name.data(), length) == wanted;
}

bool find_file(std::string_view wanted, File& file) {
    select(key_directory);
    const std::uint32_t count = std::min(next_number(4), most_files);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (next_entry_is(wanted, file)) {
            return true;
        }
    }
    return false;
}

} // namespace

std::string_view emulator_command_line(char* buffer, std::uint32_t size) {
    File file;
    if (!device_present() || !find_file(command_line_file, file)) {
        return {};
    }
    select(file.key);
    const std::uint32_t length = std::min(file.size, size);
    std::generate_n(buffer, length, [] { return static_cast<char>(next_byte()); });
    return {buffer, length};
}

} // namespace quire::machine
