// All that programs run on, put together: processes, files and the console, joined to each other and to the machine.
// Built once, after the torus's memory.
#pragma once

#include "kernel/block/block_devices.h"
#include "kernel/block/disks.h"
#include "kernel/fs/vfs/file_services.h"
#include "kernel/machine/devices.h"
#include "kernel/process/process_table.h"
#include "kernel/process/system_facts.h"
#include "kernel/process/userland/files.h"
#include "kernel/process/userland/swap_areas.h"

namespace quire {

class Userland final : public FileServices, public SafePointWork, public RoomKeeper {
public:
    // `archive` holds the root directory; what is wrong with it is said to `notes`. Panics where there is no memory.
    // `memory` must outlive it.
    Userland(Memory& memory, const SystemFacts& facts, std::optional<ArchiveExtent> archive, Sink& notes);
    Userland(const Userland&) = delete;
    Userland& operator=(const Userland&) = delete;

    ProcessTable processes;
    BlockDevices block_devices;
    Disks disks; // the machine's
    SwapAreas swap_areas;
    [[nodiscard]] Files& files() { return *files_; }

    // While it is a program's turn, what is typed goes to the terminal, and from there to who reads it; otherwise it is
    // left to the kernel's shell. What the terminal has no room for stays with the machine, which holds the sender
    // back.
    void give_console_to_programs(bool theirs) { console_is_theirs_ = theirs; }

    // Whether programs, stacks and mappings are put at random places: aslr=on.
    bool randomise_addresses = false;

    [[nodiscard]] const SystemFacts& facts() const { return facts_; }

    // ---- FileServices
    Result<void> wait(WaitQueue& queue, std::uint64_t deadline) override;
    [[nodiscard]] Timestamp now() override;
    [[nodiscard]] std::uint64_t uptime() override;
    [[nodiscard]] std::uint32_t random_word() override;
    [[nodiscard]] Caller caller() override;
    [[nodiscard]] bool caller_ignores(std::uint32_t signal) override;
    [[nodiscard]] std::uint64_t file_size_limit() override;
    void file_would_be_too_large() override;
    void input_has_room() override;
    void signal_group(std::uint32_t group, std::uint32_t signal) override;

    // The calendar was set: `offset` nanoseconds more than boot's.
    void set_time(std::uint64_t nanoseconds_since_1970) { epoch_ = nanoseconds_since_1970 - machine::nanoseconds(); }

    // Pages may be put on the device from now on; where that cannot be, the console is told why. Waits. Errors: those
    // of SwapAreas::add().
    Result<void> swap_on(BlockDevice& device, std::optional<std::int32_t> priority);

    // ---- SafePointWork
    bool at_safe_point(bool tick) override;

    // ---- RoomKeeper
    void room_wanted() override;
    void frame_refused() override;
    // Whether it was since this was asked last.
    [[nodiscard]] bool take_room_wanted() { return std::exchange(room_wanted_, false); }

private:
    void mind_answer();
    void watch_pressure();
    bool serve_disks(bool tick);

    SystemFacts facts_;
    // Before the files, which ask what time it is as they are made.
    std::uint64_t epoch_; // when the machine started, nanoseconds since 1970
    std::uint64_t random_state_;
    Files* files_;
    bool console_is_theirs_ = false;
    bool room_wanted_ = false;
    std::uint64_t answer_expected_until_ = 0; // of the console, asked for its size; nanoseconds
};

} // namespace quire
