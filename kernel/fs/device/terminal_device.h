// The console as programs see it: /dev/console, /dev/tty and /dev/ttyS0, all of them the one terminal. Joins the line
// discipline to those who wait for it, and keeps job control: who reads in the background is stopped.
#pragma once

#include "kernel/fs/device/devices.h"
#include "kernel/fs/device/terminal.h"
#include "kernel/fs/vfs/file_services.h"
#include "kernel/sched/wait_queue.h"

#include <cstdint>
#include <optional>

namespace quire {

// The terminal with those who wait for it.
class Console final : public TerminalEvents {
public:
    Console(FileServices& services, Sink& output) : terminal(output, *this), services_(&services) {}

    void terminal_changed() override;
    void signal_foreground(std::uint32_t signal) override;

    Terminal terminal;
    WaitQueue changes;

private:
    FileServices* services_;
};

class TerminalDevice final : public Device {
public:
    // How the device is reached: by its own name, or as the caller's terminal, which it must be (/dev/tty).
    enum class Reach : std::uint8_t { named, controlling };
    TerminalDevice(FileSystem& file_system, std::uint32_t number, Inode& directory, std::string_view name,
                   std::uint32_t device_id, Console& console, Reach reach);

    Result<void> opened(File& file, std::uint32_t flags) override;
    Result<std::uint32_t> read(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<std::uint32_t> write(File& file, IoBuffer& buffer, std::uint64_t offset) override;
    Result<std::uint32_t> control(File& file, std::uint32_t request, const ControlArgument& argument) override;
    [[nodiscard]] std::uint32_t ready(const File& file) override;
    [[nodiscard]] WaitQueue* changes() override { return &console_->changes; }

private:
    [[nodiscard]] Terminal& terminal() const { return console_->terminal; }
    [[nodiscard]] FileServices& services() const;
    [[nodiscard]] bool is_controlling() const;
    Result<void> check_foreground(std::uint32_t signal) const;
    Result<void> wait_for_input(bool nonblocking, std::uint32_t wanted) const;
    Result<void> wait_for_bytes(std::uint32_t least, std::uint64_t patience) const;

    // Groups of ioctls; nothing where the request is not of the group.
    using Answer = std::optional<Result<std::uint32_t>>;
    [[nodiscard]] Answer control_settings(std::uint32_t request, const ControlArgument& argument);
    [[nodiscard]] Answer control_group(std::uint32_t request, const ControlArgument& argument);
    [[nodiscard]] Answer control_flow(std::uint32_t request, const ControlArgument& argument);
    Result<std::uint32_t> change_settings(const Terminal::Settings& settings, bool flush);
    Result<std::uint32_t> become_controlling(bool by_force);

    Console* console_;
    Reach reach_;
};

} // namespace quire
