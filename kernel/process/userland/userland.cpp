// What files ask of processes and of the machine, answered.
#include "kernel/process/userland/userland.h"

#include "kernel/fs/device/terminal.h"
#include "kernel/lib/panic.h"
#include "kernel/machine/cpu.h"
#include "kernel/process/lifecycle/alarms.h"
#include "kernel/process/notice.h"
#include "kernel/process/send_signal.h"
#include "kernel/sched/pending_work.h"

namespace quire {

namespace {

constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;

Files& make_files(Memory& memory, FileServices& services, std::optional<ArchiveExtent> archive, Sink& notes) {
    const Result<Files*> files = Files::create(memory, services, archive, notes);
    ensure(files.has_value(), "there is memory for the root of all files");
    return **files;
}

} // namespace

Userland::Userland(Memory& memory, const SystemFacts& facts, std::optional<ArchiveExtent> archive, Sink& notes)
    : processes(memory, *this), block_devices(memory, processes.scheduler), disks(block_devices, memory),
      swap_areas(memory, block_devices), facts_(facts), epoch_(machine::calendar_seconds() * nanoseconds_per_second),
      random_state_(machine::timestamp() ^ epoch_), files_(&make_files(memory, *this, archive, notes)) {
    files_->show_block_devices(block_devices);
    ensure(files_->show_processes(processes, facts_, block_devices, notes).has_value(), "there is memory for /proc");
    processes.caches = files_;
    processes.console = &files_->console();
    processes.scheduler.set_safe_point_work(*this);
    memory.pager.set_room_keeper(this);
}

Result<void> Userland::wait(WaitQueue& queue, std::uint64_t deadline) {
    return processes.scheduler.wait(queue, deadline);
}

Timestamp Userland::now() {
    const std::uint64_t time = epoch_ + machine::nanoseconds();
    return {.seconds = static_cast<std::int64_t>(time / nanoseconds_per_second),
            .nanoseconds = static_cast<std::uint32_t>(time % nanoseconds_per_second)};
}

std::uint64_t Userland::uptime() {
    return machine::nanoseconds();
}

// PCG-XSH-RR (O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
// Generation", 2014), stirred with the time-stamp counter. Good enough to spread addresses, no source of secrets.
std::uint32_t Userland::random_word() {
    constexpr std::uint64_t multiplier = 6364136223846793005ULL, increment = 1442695040888963407ULL;
    random_state_ = (random_state_ ^ machine::timestamp()) * multiplier + increment;
    const auto shifted = static_cast<std::uint32_t>(((random_state_ >> 18) ^ random_state_) >> 27);
    const auto turn = static_cast<std::uint32_t>(random_state_ >> 59);
    return shifted >> turn | shifted << ((32 - turn) & 31);
}

FileServices::Caller Userland::caller() {
    const Process& process = processes.current();
    return {.process = process.id, .group = process.group, .session = process.session};
}

bool Userland::caller_ignores(std::uint32_t signal) {
    const Signals& signals = processes.current().signals;
    return (signals.blocked & signal_bit(signal)) != 0 || signals.action(signal).handler == SignalAction::ignored;
}

std::uint64_t Userland::file_size_limit() {
    return processes.current().soft_limit(limit::file_size);
}

void Userland::file_would_be_too_large() {
    Process& process = processes.current();
    must_succeed(
        send_signal(process, {.number = signal_number::file_size, .code = signal_code::user, .sender = process.id}));
}

void Userland::signal_group(std::uint32_t group, std::uint32_t signal) {
    // The group may have ended.
    may_fail(quire::signal_group(processes, group, {.number = signal, .code = signal_code::kernel}));
}

// A terminal answers within milliseconds; what is none, never.
void Userland::mind_answer() {
    Terminal& terminal = files_->console();
    if (!terminal.asked()) {
        answer_expected_until_ = 0;
    } else if (answer_expected_until_ == 0) {
        answer_expected_until_ = machine::nanoseconds() + nanoseconds_per_second;
    } else if (machine::nanoseconds() > answer_expected_until_) {
        terminal.stop_asking();
    }
}

bool Userland::serve_disks(bool tick) {
    const Scheduler::DeviceService service(processes.scheduler);
    return disks.at_safe_point(tick);
}

bool Userland::at_safe_point(bool tick) {
    processes.reap();
    const bool disks_served = serve_disks(tick);
    if (tick) {
        processes.memory().pager.at_tick();
        watch_pressure();
        expire_alarms(processes);
        enforce_processor_limit(processes.current());
    }
    mind_answer();
    input_has_room();
    return disks_served;
}

void Userland::watch_pressure() {
    if (const auto share = processes.scheduler.pressure.at_tick(machine::nanoseconds())) {
        constexpr std::uint64_t seconds =
            ThrashingDetector::samples * PressureAverages::period / nanoseconds_per_second;
        Notice notice(&files_->console());
        print(notice, "memory: thrashing: {} % of the last {} s were waits for pages that had just gone\n", *share,
              seconds);
    }
}

Result<void> Userland::swap_on(BlockDevice& device, std::optional<std::int32_t> priority) {
    std::array<char, 160> line{};
    BufferSink why(line);
    const Result<void> added = swap_areas.add(device, priority, why);
    if (!added || !why.text().empty()) {
        Notice notice(&files_->console());
        print(notice, "swap: /dev/{}{}: {}\n", device.name(), added ? "" : " is not used",
              why.text().empty() ? explain(added.error()) : why.text());
    }
    return added;
}

void Userland::room_wanted() {
    room_wanted_ = true;
    machine::cpu_local->pending_work.ask(pending_work::room);
}

void Userland::frame_refused() {
    processes.current().refused_a_frame = true;
    room_wanted();
}

void Userland::input_has_room() {
    Terminal& terminal = files_->console();
    while (console_is_theirs_ && terminal.has_room()) {
        const std::optional<char> byte = machine::console_read();
        if (!byte) {
            break;
        }
        terminal.receive(*byte);
    }
}

} // namespace quire
